#!/usr/bin/env python3
"""complete.py SHELL SETUP TYPED line|shown: types into an interactive bash, zsh or fish on a pseudo terminal, and then a TAB.

SETUP is run by the shell first.  Prints what the command line became, in brackets, and with `shown` what the shell showed.
The shell itself says what its line is, by a key that writes it to a file, so that nothing is read off the screen.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time

PROMPT = b"<ready>"
LIMIT = 15
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        """PS1='<re''ady>'
bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; bind 'set completion-query-items 0'
bind 'set enable-bracketed-paste off'; bind 'set bell-style none'
dump() { printf %s "$READLINE_LINE" >DUMP; }
bind -x '"\\C-xd": dump'
""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        """dump() { print -rn -- "$BUFFER" >DUMP }
zle -N dump; bindkey -e; bindkey '^Xd' dump; LISTMAX=1000; unsetopt beep prompt_sp
PS1='<re''ady>'
""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        """function dump; commandline >DUMP; end
bind \\cxd dump
function fish_prompt; echo -n '<re''ady>'; end
""",
    ),
}


class Terminal:
    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", fish_features="no-query-term")
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 200, 0, 0))
        self.shown = b""

    def type(self, keys):
        os.write(self.fd, keys)

    def until(self, done):
        """Takes in what the shell shows until done() is true."""
        end = time.monotonic() + LIMIT
        while not done():
            if time.monotonic() > end:
                raise SystemExit(f"complete.py: gave up; the shell showed {self.shown.decode(errors='replace')!r}")
            if select.select([self.fd], [], [], 0.02)[0]:
                self.shown += os.read(self.fd, 65536)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def main(shell, setup, typed, what):
    command, own = SHELLS[shell]
    with tempfile.TemporaryDirectory() as folder:
        dump, rc = folder + "/line", folder + "/rc"
        with open(rc, "w", encoding="utf-8") as f:
            f.write(setup + "\n" + own.replace("DUMP", dump + ".new; mv " + dump + ".new " + dump))
        terminal = Terminal(command)
        try:
            terminal.type(b"source " + os.fsencode(rc) + b"\r")
            terminal.until(lambda: PROMPT in terminal.shown)
            terminal.shown = b""
            terminal.type(os.fsencode(typed) + b"\t")
            terminal.type(b"\x18d")
            terminal.until(lambda: os.path.exists(dump))
        finally:
            terminal.end()
        with open(dump, encoding="utf-8", errors="surrogateescape") as f:
            line = f.read().removesuffix("\n") if shell == "fish" else f.read()
    sys.stdout.reconfigure(errors="surrogateescape")
    print(f"[{line}]")
    if what == "shown":
        print(re.sub(r"\x1b(\[[0-9;?>]*[A-Za-z]|[=>]|\][^\a]*\a|\(B)", "", terminal.shown.decode(errors="replace")))


main(*sys.argv[1:])
