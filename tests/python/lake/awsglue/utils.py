def getResolvedOptions(args, names):
    given = dict(zip(args[1::2], args[2::2]))
    return {name: given["--" + name] for name in names}
