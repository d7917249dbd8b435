"""The two errors that end a command before it has a result, and the exit codes of all others.

Each message is one sentence for the user; `command.main` prints it and returns the code.

| step | what goes wrong | error | exit code |
| --- | --- | --- | ---: |
| reading the arguments, a file of terms, the baseline | it makes no sense, or cannot be read | BadUsage | 4 |
| making the folder for the reports | it cannot be written to, or another run writes to it | BadUsage | 4 |
| starting the server (`--spawn`) | the command cannot be run, or the address is in use | BadUsage | 4 |
| | the server exits early, or never listens | Untestable | 6 |
| probing and measuring the target | no usable response to a plain GET | Untestable | 6 |
| | the witness that `--witness` names is not there | BadUsage | 4 |
| playing a scenario | the target cannot be reached any more | none: an ERROR finding | 6 |
| | wirecheck itself fails | none: an ERROR finding | 3 |
| reading a record again | it is not a record | `record.BadRecord` | 4 |
| writing the record | the disk is full | `record.Unrecorded`, a BadUsage | 4 |
| writing a report, where all else is well | the same | none: a line of the summary | 4 |
| anywhere | Ctrl-C, SIGTERM or SIGHUP | KeyboardInterrupt | 2 |
| | the reader of our output has gone | BrokenPipeError | 2 |
| anywhere else | wirecheck itself fails | any other exception | 3 |

How the findings of a run become an exit code is decided in `gate`.
"""


class BadUsage(Exception):
    """The user asked for something that makes no sense; the message is one sentence."""


class Untestable(Exception):
    """The target cannot be tested; the message is one sentence."""
