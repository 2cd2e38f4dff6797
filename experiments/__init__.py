"""The laboratory: runs and their results, and the command ``etalase``. It imports ``sim``, never the reverse."""
