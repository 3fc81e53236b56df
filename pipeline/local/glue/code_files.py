"""Functions' code on disk: hashed and written once, and not at each snapshot."""


class CodeFiles:
    """The files of functions' code, each written once."""

    def __init__(self, write, prune):
        self._write, self._prune = write, prune
        self._written = {}  # code and its file's name, by the code's identity: no other has that while it is kept

    def write(self, code):
        if id(code) not in self._written:
            self._written[id(code)] = code, self._write(code)
        return self._written[id(code)][1]

    def prune(self, referenced):
        self._written = {key: (code, name) for key, (code, name) in self._written.items() if name in referenced}
        self._prune(referenced)
