"""The study of the blocks: one U-Net of convolutions, of plain cells, of memristor cells, all else alike."""
