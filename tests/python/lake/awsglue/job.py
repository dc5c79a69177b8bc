class Bookmark:
    """The files that committed runs have read."""

    def __init__(self):
        self.committed, self.read, self.fails = {}, {}, False

    def fresh(self, context, files):
        self.read[context] = set(files)
        return self.read[context] - self.committed.get(context, set())


bookmark = Bookmark()


class Killed(Exception):
    """The run has ended between writing and committing."""


class Job:
    def __init__(self, glue_context):
        pass

    def init(self, name, arguments):
        bookmark.read = {}

    def commit(self):
        if bookmark.fails:
            raise Killed
        for context, files in bookmark.read.items():
            bookmark.committed[context] = bookmark.committed.get(context, set()) | files
