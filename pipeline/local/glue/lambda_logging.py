"""Functions learn in which format and how much they are to log.

Gap: MiniStack stores a function's LoggingConfig and tells the function nothing of it, so a runtime
logs plain text. AWS sets AWS_LAMBDA_LOG_FORMAT, and AWS_LAMBDA_LOG_LEVEL where the format is JSON.
Leans on: _provided_worker_env(config, code_dir, port) of services/lambda_svc.py, which
core/lambda_runtime.py imports when it starts a process.
"""

from ministack.services import lambda_svc


def apply():
    environment = lambda_svc._provided_worker_env

    def with_logging(config, code_dir, port):
        logging = config.get("LoggingConfig") or {}
        told = {"AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text")}
        if level := logging.get("ApplicationLogLevel"):
            told["AWS_LAMBDA_LOG_LEVEL"] = level
        return {**environment(config, code_dir, port), **told}

    lambda_svc._provided_worker_env = with_logging
