"""The command line: `sp-mcp` serves, and each command is a module here.

    main.py       the way in: decides between serving and a command, and turns failures into exit codes
    serving.py    bare `sp-mcp`, which loads no command
    commands.py   the commands, each loaded when it is used; common.py: the options that all of them take
    terminal.py   what commands write, and asking the person who sits there
    logs.py       logging to stderr

Exit codes: 0 done, 1 the call or a part of it failed, 2 usage or settings.
"""
