def connect(options):
    return f"{options.host}:{options.port}"
