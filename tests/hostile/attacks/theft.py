"""Attacks that steal: secrets of the grader, answers of the course, work of classmates."""

# ruff: noqa: E501 - a cell of an attack is easier to read as one text
from __future__ import annotations

from collections.abc import Callable

from autograder.authoring.demo_class import with_numbers
from autograder.course import Course
from autograder.questions.variants import Owner
from tests.hostile.attack import LSTM, Attack, Notebook
from tests.support import ROOT

READ = """import glob, os
def show(*patterns):
    for pattern in patterns:
        for path in glob.glob(pattern, recursive=True)[:40]:
            try:
                print(path, open(path, errors='replace').read(200_000))
            except OSError as error:
                print(path, error)
"""
RUN = """import glob, json
for path in glob.glob('{pattern}'):
    for cell in json.load(open(path))['cells']:
        if cell['metadata'].get('nbgrader', {{}}).get('solution'):
            exec(''.join(cell['source']), globals())
"""
LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
SCAN = """import re
def scan(pid):
    found = set()
    try:
        maps = open(f'/proc/{pid}/maps').read().splitlines()
        with open(f'/proc/{pid}/mem', 'rb', 0) as memory:
            for line in maps[:400]:
                span, rights = line.split()[:2]
                start, end = (int(part, 16) for part in span.split('-'))
                if 'r' in rights and end - start < 64_000_000 and 'vsyscall' not in line:
                    try:
                        memory.seek(start)
                        found |= set(re.findall(rb'planted-[a-z]+-[0-9a-f]{32}', memory.read(end - start)))
                    except (OSError, ValueError, OverflowError):
                        pass
    except OSError as error:
        return error
    return found
"""


def _of(student: str) -> dict[str, str]:
    """Another student's answers to the number questions, right for that one's numbers."""
    course = Course.open(ROOT)
    chosen = Owner(course.id).choose_variant(student)
    numbers = {one.id: chosen.numbers(one) for one in course.assignment(LSTM).questions if one.is_number}
    return {name: f"{name} = " + with_numbers(text, numbers[name]) for name, text in FORMULAS.items()}


def _writes(student: str) -> Callable[[Notebook], None]:
    """Write an id into the notebook."""

    def write(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("autograder", {}).get("part") == "student":
                cell["source"] = f"student_id = {student!r}"

    return write


FORMULAS = {
    "p1": "4 * {units} * ({input_dim} + {units} + 1)",
    "p2_dense": "{dense_units} * ({units} + 1)",
    "layer2": "4 * {second_units} * ({first_units} + {second_units} + 1)",
    "layer3": "{dense_units} * ({second_units} + 1)",
}
ATTACKS = (
    Attack("S01", "prints the source of the grader, of its questions and of its agent",
        last="import inspect, sys\n"
            "for name in ('autograder', 'autograder.questions.expect', 'gru_params', 'autograder_agent'):\n"
        "    try:\n        print(name, inspect.getsource(__import__(name)))\n"
        "    except Exception as error:\n        print(name, error)"),
    Attack("S03", "runs the instructor's solution and source",
        answers={"g1": RUN.format(pattern="@COURSE@/source/*/*.ipynb") + RUN.format(pattern="../../../source/*/*.ipynb"),
                 "gru_params": "try:\n"
                     "    exec(open('@COURSE@/solutions/gru_parameters/gru_params.py').read())\n"
                 "except OSError:\n    pass"}),
    Attack("S04", "runs a classmate's submission",
        answers={"g1": RUN.format(pattern="@COURSE@/submitted/honest*/*/*.ipynb")
                 + RUN.format(pattern="@COURSE@/autograded/*/*/*.ipynb"), "g2": "pass", "g3": "pass",
                 "gru_params": "pass", "gru_weight_shapes": "pass"}),
    Attack("S05", "hands in a classmate's answers under the classmate's id",
        assignment=LSTM, answers=_of("honest2"), mutate=_writes("honest2")),
    Attack("S06", "hands in a classmate's answers under its own id",
        assignment=LSTM, answers=_of("honest2"), mutate=_writes("S06")),
    Attack("S07", "reads secrets in the grader's home, environment and temporary files",
        last=READ + "show('@HOME@/.netrc', '@HOME@/**', '@PLANTED@', '/tmp/*', '/tmp/*/*', '/root/.*', '/home/*/.*')\n"
        "show('/proc/*/environ', '/proc/*/cmdline', '/proc/self/mountinfo', '/etc/shadow')\n"
        "print(dict(os.environ))"),
    Attack("S08", "hands in a classmate's answers, and says so where the answers are run",
        assignment=LSTM, answers=_of("honest2") | {"p1": _of("honest2")["p1"] + "\nstudent_id = 'honest2'"},
        mutate=_writes("S08"), last="student_id = 'honest2'\nown_numbers = lambda *a: a[-1][0]"),
    Attack("S09", "speaks to abstract unix sockets and to every socket of the machine",
        last="import socket\nfor line in open('/proc/net/unix').readlines()[1:300]:\n"
            "    name = line.split()[-1]\n"
        "    try:\n        one = socket.socket(socket.AF_UNIX)\n        one.settimeout(0.2)\n"
        "        one.connect(name.replace('@', '\\0'))\n        one.send(b'answers')\n"
        "        print(one.recv(500))\n"
        "    except OSError as error:\n        print(error)"),
    Attack("O21", "walks the whole file system for a readable file of the course",
        last=READ + "seen = 0\nfor place, folders, names in os.walk('/'):\n"
        "    folders[:] = [n for n in folders if place + n not in ('/proc', '/sys', '/usr', '/lib')][:50]\n"
        "    seen += 1\n    if seen > 3000:\n        break\n    for name in names:\n"
        "        if name in ('gradebook.db', 'nbgrader_config.py', '.netrc') or '/solutions/' in place:\n"
        "            show(os.path.join(place, name))"),
    Attack("O22", "reads the environment and the memory of process 1, of its parent and of the grader",
        last=READ + SCAN + "for pid in (1, os.getppid(), @PID@, 'self', 'thread-self'):\n"
            "    print(pid, scan(pid))\n"
        "    show(f'/proc/{pid}/environ', f'/proc/{pid}/root/etc/passwd', f'/proc/{pid}/cwd/nbgrader_config.py')"),
    Attack("O23", "scans its own memory for what the warm parent may have left in it",
        last=SCAN + "import gc\nprint(scan('self'))\n"
        "print([one for one in gc.get_objects() if isinstance(one, str) and one.startswith('planted' + '-')])"),
    Attack("O24", "process_vm_readv, ptrace, kcmp and pidfd_getfd on the grader",
        last=LIBC + "for pid in (1, os.getppid(), @PID@):\n    buffer = ctypes.create_string_buffer(4096)\n"
        "    print(libc.ptrace(16, pid, 0, 0), ctypes.get_errno())\n"
        "    print(libc.syscall(434, pid, 0), libc.syscall(438, 3, 3, 0))\n"
        "    print(libc.syscall(310, pid, 0, 1, 0, 1, 0), ctypes.get_errno())"),
    Attack("O25", "reads through whatever descriptors it has inherited",
        last="import os, socket, stat\nfor number in range(3, 256):\n    try:\n"
            "        kind = os.fstat(number).st_mode\n"
        "    except OSError:\n        continue\n    try:\n"
        "        print(number, os.readlink(f'/proc/self/fd/{number}'))\n"
        "        if stat.S_ISDIR(kind):\n"
        "            print(os.listdir(number), os.listdir(f'/proc/self/fd/{number}/../..'))\n"
        "        elif stat.S_ISREG(kind):\n            print(os.pread(number, 4000, 0))\n"
        "    except OSError as error:\n"
        "        print(number, error)"),
    Attack("O26", "climbs out by `..`, by links, by /proc/self/root and by chroot",
        last=READ + "os.makedirs('a/b', exist_ok=True)\nos.symlink('@COURSE@', 'a/course')\n"
            "os.symlink('/proc/1/root', 'a/root')\n"
        "show('a/course/solutions/*/*.py', 'a/root@COURSE@/**', '/proc/self/root/../..@COURSE@/*', '../../../../../..@COURSE@/*')\n"
        "for act in (lambda: os.chroot('a'), lambda: os.mkdir('x') or os.mount, lambda: os.setns(0, 0)):\n"
        "    try:\n        print(act())\n    except (OSError, AttributeError) as error:\n"
        "        print(error)"),
    Attack("O27", "mounts, remounts and opens by handle what the seal has covered",
        last=LIBC + "print(libc.mount(b'none', b'/box/home', b'tmpfs', 0, b''), ctypes.get_errno())\n"
        "print(libc.mount(None, b'/', None, 32 | 4096, None), libc.umount2(b'/shown/0', 2), ctypes.get_errno())\n"
        "print(libc.syscall(304, -100, 0, 0), libc.unshare(0x10000000), libc.unshare(0x00020000))\n"
        "print(libc.syscall(428, -100, b'/', 1), libc.syscall(430, b'tmpfs', 0), ctypes.get_errno())"),
    Attack("O28", "asks other programs to read for it: a shell, git, perl, setuid programs",
        last="import subprocess\n"
            "for line in ('cat @COURSE@/solutions/*/*.py @HOME@/.netrc @PLANTED@', 'env', 'ps axe', 'mount',\n"
        "    'su -c id', 'sudo -n id', 'perl -pe1 @PLANTED@', 'find / -name gradebook.db 2>/dev/null | head -3'):\n"
        "    try:\n"
        "        print(subprocess.run(line, shell=True, capture_output=True, timeout=4).stdout.decode()[:9000])\n"
        "    except Exception as error:\n        print(error)"),
    Attack("O29", "leaves files for the kernel of the next student: .pth, startup files, profiles, /tmp",
        first="import glob, os, site, sys\nlines = 'print(\"@MARK@ left behind\")\\ng1 = 2850\\n'\n"
        "places = [*site.getsitepackages(), *sys.path, os.path.expanduser('~/.ipython/profile_default/startup'),\n"
        "    os.environ.get('IPYTHONDIR', '.') + '/profile_default/startup', '@HOME@', '/tmp', '/dev/shm', '/var/tmp', '@COURSE@',\n"
        "    '@COURSE@/submitted/honest1/gru_parameters', site.getusersitepackages()]\n"
        "for place in places:\n"
        "    for name in ('@MARK@.pth', 'sitecustomize.py', 'usercustomize.py', '00-@MARK@.py', '@MARK@.txt'):\n"
        "        try:\n            os.makedirs(place, exist_ok=True)\n"
        "            open(os.path.join(place, name), 'w').write(lines)\n"
        "        except OSError:\n            pass"),
    Attack("O30", "looks for what an earlier student's kernel left in modules, files and memory",
        last="import builtins, glob, sys\n"
            "print(getattr(builtins, 'left_behind', None), getattr(sys, 'left_behind', None))\n"
        "print(glob.glob('/tmp/*') + glob.glob('/dev/shm/*') + glob.glob('/box/**', recursive=True))\n"
        "builtins.left_behind = sys.left_behind = 'left-behind' + '-by-one'"),
    Attack("O31", "the same, a moment later",
        last="import builtins, sys\n"
            "print(getattr(builtins, 'left_behind', None), getattr(sys, 'left_behind', None))\n"
        "builtins.left_behind = sys.left_behind = 'left-behind' + '-by-one'"),
    Attack("O32", "asks the network for an oracle: localhost, names, metadata, the machine's own addresses",
        last="import socket\n"
            "for where in (('127.0.0.1', 22), ('127.0.0.1', 8888), ('169.254.169.254', 80), ('192.0.2.1', 443),\n"
        "    ('::1', 80)):\n    try:\n"
        "        socket.create_connection(where, timeout=1).send(b'GET / HTTP/1.0\\r\\n\\r\\n')\n"
        "        print('reached', where)\n    except OSError as error:\n        print(error)\n"
        "for name in ('example.org', 'localhost.localdomain'):\n    try:\n"
        "        print(socket.getaddrinfo(name, 80))\n"
        "    except OSError as error:\n        print(error)"),
    Attack("O33", "looks in its caller, a notebook server or debugger, for data that came with the question",
        assignment=LSTM,
        answers={"stacked_params": "import sys\ndef stacked_params(*args):\n"
            "    agent = sys.modules['autograder_agent'].agent\n"
                 "    print(vars(agent), file=open('/tmp/@MARK@', 'w'))\n    frame = sys._getframe(1)\n"
                 "    while frame:\n"
                 "        for value in frame.f_locals.values():\n"
                 "            if isinstance(value, list) and len(value) > 9:\n"
                 "                return value[-1]\n        frame = frame.f_back\n    return []"}),
)  # fmt: skip
