def connect(options):
    return f"{options.host}:{options.port} ({options.retries} retries)"
