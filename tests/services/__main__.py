"""Makes sure, before the tests start, that every server can be had: installing is slow, and pytest would hide what is going on."""

import os
import sys

from tests.services import postgres, provision, rabbitmq
from tests.services.process import ServiceError


def main() -> int:
    """Exit code 0 where every server can be started."""
    wanted = ((postgres.URL_VARIABLE, provision.POSTGRES), (rabbitmq.URL_VARIABLE, provision.RABBITMQ))
    try:
        for variable, program in wanted:
            if not os.environ.get(variable) and not provision.docker_answers():
                provision.require(program)
        for program in (provision.SSHD, provision.VSFTPD):  # no container and no URL: their tests look into their folders
            provision.require(program)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


sys.exit(main())
