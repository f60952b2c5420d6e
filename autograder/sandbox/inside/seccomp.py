"""The system calls that a kernel may make: those that Python, NumPy, TensorFlow and notebook code need.

Every other call fails with ENOSYS, as on an older Linux, which libraries are prepared for. Calls that read other
processes or escape the seal fail with EPERM. Numbers are from the Linux sources (x86_64:
arch/x86/entry/syscalls/syscall_64.tbl; aarch64: include/uapi/asm-generic/unistd.h). Those of aarch64 were never run.
"""

from __future__ import annotations

import os
from errno import EACCES, EINVAL, ENOSYS, ENOTTY, EPERM

from .bpf import AND, ANSWER, ANY_BIT, ARGUMENTS, EQUAL, LOAD, MACHINES, RETURN, Filter

Call = tuple[str, int | None, int | None]
"""Name, number on x86_64, number on aarch64; None if a machine does not have the call."""

ALLOWED: tuple[Call, ...] = (
    # files and folders
    ("read", 0, 63), ("write", 1, 64), ("pread64", 17, 67), ("pwrite64", 18, 68), ("readv", 19, 65),
    ("writev", 20, 66), ("preadv", 295, 69), ("pwritev", 296, 70), ("preadv2", 327, 286), ("pwritev2", 328, 287),
    ("open", 2, None), ("openat", 257, 56), ("openat2", 437, 437), ("creat", 85, None), ("close", 3, 57),
    ("close_range", 436, 436), ("dup", 32, 23), ("dup2", 33, None), ("dup3", 292, 24), ("lseek", 8, 62),
    ("stat", 4, None), ("lstat", 6, None), ("fstat", 5, 80), ("newfstatat", 262, 79), ("statx", 332, 291),
    ("access", 21, None), ("faccessat", 269, 48), ("faccessat2", 439, 439), ("readlink", 89, None),
    ("readlinkat", 267, 78), ("getdents", 78, None), ("getdents64", 217, 61), ("getcwd", 79, 17), ("chdir", 80, 49),
    ("fchdir", 81, 50), ("mkdir", 83, None), ("mkdirat", 258, 34), ("rmdir", 84, None), ("rename", 82, None),
    ("renameat", 264, 38), ("renameat2", 316, 276), ("link", 86, None), ("linkat", 265, 37), ("unlink", 87, None),
    ("unlinkat", 263, 35), ("symlink", 88, None), ("symlinkat", 266, 36), ("mknod", 133, None),
    ("mknodat", 259, 33), ("fsync", 74, 82), ("fdatasync", 75, 83), ("truncate", 76, 45), ("ftruncate", 77, 46),
    ("fallocate", 285, 47), ("fadvise64", 221, 223), ("sendfile", 40, 71),
    ("splice", 275, 76), ("copy_file_range", 326, 285), ("flock", 73, 32), ("umask", 95, 166),
    ("statfs", 137, 43), ("fstatfs", 138, 44), ("getxattr", 191, 8), ("lgetxattr", 192, 9), ("fgetxattr", 193, 10),
    ("listxattr", 194, 11), ("llistxattr", 195, 12), ("flistxattr", 196, 13), ("ioctl", 16, 29), ("fcntl", 72, 25),
    # memory
    ("mmap", 9, 222), ("munmap", 11, 215), ("mremap", 25, 216), ("mprotect", 10, 226), ("madvise", 28, 233),
    ("msync", 26, 227), ("mincore", 27, 232), ("brk", 12, 214), ("mlock", 149, 228), ("mlock2", 325, 284),
    ("munlock", 150, 229), ("munlockall", 152, 231), ("membarrier", 324, 283),
    # processes and threads
    ("clone", 56, 220), ("fork", 57, None), ("vfork", 58, None), ("execve", 59, 221), ("exit", 60, 93),
    ("exit_group", 231, 94), ("wait4", 61, 260), ("waitid", 247, 95), ("set_tid_address", 218, 96),
    ("set_robust_list", 273, 99), ("rseq", 334, 293), ("futex", 202, 98), ("sched_yield", 24, 124),
    ("sched_getaffinity", 204, 123), ("sched_setaffinity", 203, 122), ("sched_getparam", 143, 121),
    ("sched_getscheduler", 145, 120), ("sched_setscheduler", 144, 119),
    ("sched_get_priority_max", 146, 125), ("sched_get_priority_min", 147, 126),
    ("sched_rr_get_interval", 148, 127), ("getpriority", 140, 141), ("setpriority", 141, 140),
    ("getrlimit", 97, 163), ("setrlimit", 160, 164), ("prlimit64", 302, 261), ("getrusage", 98, 165),
    ("times", 100, 153), ("getpid", 39, 172), ("getppid", 110, 173), ("gettid", 186, 178), ("getpgid", 121, 155),
    ("getpgrp", 111, None), ("setpgid", 109, 154), ("getsid", 124, 156), ("setsid", 112, 157), ("getuid", 102, 174),
    ("geteuid", 107, 175), ("getgid", 104, 176), ("getegid", 108, 177), ("getresuid", 118, 148),
    ("getresgid", 120, 150), ("getgroups", 115, 158), ("capget", 125, 90), ("prctl", 157, 167),
    ("arch_prctl", 158, None), ("uname", 63, 160), ("sysinfo", 99, 179), ("getrandom", 318, 278),
    ("getcpu", 309, 168), ("pidfd_open", 434, 434),
    # signals
    ("kill", 62, 129), ("tkill", 200, 130), ("tgkill", 234, 131), ("rt_sigaction", 13, 134),
    ("rt_sigprocmask", 14, 135), ("rt_sigreturn", 15, 139), ("rt_sigpending", 127, 136),
    ("rt_sigsuspend", 130, 133), ("rt_sigtimedwait", 128, 137),
    ("sigaltstack", 131, 132), ("restart_syscall", 219, 128),
    ("pause", 34, None), ("alarm", 37, None),
    # time
    ("clock_gettime", 228, 113), ("clock_getres", 229, 114), ("clock_nanosleep", 230, 115), ("nanosleep", 35, 101),
    ("gettimeofday", 96, 169), ("time", 201, None), ("timer_create", 222, 107), ("timer_settime", 223, 110),
    ("timer_gettime", 224, 108), ("timer_getoverrun", 225, 109), ("timer_delete", 226, 111),
    ("timerfd_create", 283, 85), ("timerfd_settime", 286, 86), ("timerfd_gettime", 287, 87), ("getitimer", 36, 102),
    ("setitimer", 38, 103),
    # waiting
    ("poll", 7, None), ("ppoll", 271, 73), ("select", 23, None), ("pselect6", 270, 72), ("epoll_create", 213, None),
    ("epoll_create1", 291, 20), ("epoll_ctl", 233, 21), ("epoll_wait", 232, None), ("epoll_pwait", 281, 22),
    ("epoll_pwait2", 441, 441), ("eventfd", 284, None), ("eventfd2", 290, 19), ("signalfd", 282, None),
    ("signalfd4", 289, 74), ("pipe", 22, None), ("pipe2", 293, 59),
    # sockets
    ("socket", 41, 198), ("socketpair", 53, 199), ("connect", 42, 203), ("bind", 49, 200), ("listen", 50, 201),
    ("accept", 43, 202), ("accept4", 288, 242), ("getsockname", 51, 204), ("getpeername", 52, 205),
    ("sendto", 44, 206), ("recvfrom", 45, 207), ("sendmsg", 46, 211), ("recvmsg", 47, 212), ("sendmmsg", 307, 269),
    ("recvmmsg", 299, 243), ("shutdown", 48, 210), ("setsockopt", 54, 208), ("getsockopt", 55, 209),
)  # fmt: skip
MODES_AND_TIMES: tuple[Call, ...] = (
    ("chmod", 90, None), ("fchmod", 91, 52), ("fchmodat", 268, 53), ("fchmodat2", 452, 452), ("chown", 92, None),
    ("fchown", 93, 55), ("lchown", 94, None), ("fchownat", 260, 54), ("utime", 132, None), ("utimes", 235, None),
    ("futimesat", 261, None), ("utimensat", 280, 88),
)  # fmt: skip
"""Calls that change the mode, owner or times of a file."""
REFUSED: tuple[Call, ...] = (
    ("acct", 163, 89), ("add_key", 248, 217), ("adjtimex", 159, 171), ("bpf", 321, 280),
    ("chroot", 161, 51), ("clock_adjtime", 305, 266), ("clock_settime", 227, 112),
    ("delete_module", 176, 106), ("fanotify_init", 300, 262), ("finit_module", 313, 273),
    ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fsopen", 430, 430), ("fspick", 433, 433),
    ("init_module", 175, 105), ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427),
    ("io_uring_setup", 425, 425), ("kcmp", 312, 272), ("kexec_file_load", 320, 294),
    ("kexec_load", 246, 104), ("keyctl", 250, 219), ("memfd_create", 319, 279), ("mount", 165, 40),
    ("mount_setattr", 442, 442), ("move_mount", 429, 429), ("msgget", 68, 186),
    ("name_to_handle_at", 303, 264), ("open_by_handle_at", 304, 265), ("open_tree", 428, 428),
    ("perf_event_open", 298, 241), ("personality", 135, 92), ("pidfd_getfd", 438, 438),
    ("pivot_root", 155, 41), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271),
    ("ptrace", 101, 117), ("quotactl", 179, 60), ("reboot", 169, 142), ("request_key", 249, 218),
    ("semget", 64, 190), ("setdomainname", 171, 162), ("sethostname", 170, 161), ("setns", 308, 268),
    ("settimeofday", 164, 170), ("shmget", 29, 194), ("swapoff", 168, 225), ("swapon", 167, 224),
    ("syslog", 103, 116), ("umount2", 166, 39), ("unshare", 272, 97), ("userfaultfd", 323, 282),
    ("vhangup", 153, 58),
    # extended attributes, which no limit counts
    ("setxattr", 188, 5), ("lsetxattr", 189, 6), ("fsetxattr", 190, 7), ("removexattr", 197, 14),
    ("lremovexattr", 198, 15), ("fremovexattr", 199, 16), ("iopl", 172, None), ("ioperm", 173, None),
    ("modify_ldt", 154, None),
)  # fmt: skip

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF = 1, 7, 8
SOCK_STREAM, SOCK_TYPE, MSG_FASTOPEN = 1, 0xF, 0x20000000
CLONE_THREAD, CLONE_FILES, CLONE_NAMESPACES = 0x00010000, 0x00000400, 0x7E020000
CLOSE_RANGE_UNSHARE = 2
DEFAULT_PROTOCOL, TCP, UDP = 0, 6, 17
"""Protocols of sockets. The queues of others, such as UDP-Lite, are in no table that the memory limit reads."""
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
RLIMIT_CORE = 4
FILE_COMMANDS = (
    0, 1, 2, 3, 4,  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL
    5, 6, 7, 36, 37, 38,  # F_GETLK, F_SETLK, F_SETLKW, and the same for open files
    9, 1030, 1032,  # F_GETOWN, F_DUPFD_CLOEXEC, F_GETPIPE_SZ
)  # fmt: skip
"""For `fcntl`. Excludes commands that signal others (F_SETOWN, F_SETSIG, F_NOTIFY) or block them (F_SETLEASE)."""
DEVICE_REQUESTS = (
    0x5401, 0x5402, 0x5403, 0x5404, 0x5409, 0x540A, 0x540B,  # TCGETS, TCSETS, ..W, ..F, TCSBRK, TCXONC, TCFLSH
    0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D,  # TCGETS2, TCSETS2, ..W2, ..F2
    0x540E, 0x540F, 0x5410, 0x5413, 0x5414,  # TIOCSCTTY, TIOCGPGRP, TIOCSPGRP, TIOCGWINSZ, TIOCSWINSZ
    0x5422, 0x5429, 0x5441, 0x80045430, 0x40045431,  # TIOCNOTTY, TIOCGSID, TIOCGPTPEER, TIOCGPTN, TIOCSPTLCK
    0x541B, 0x5411, 0x5421, 0x5450, 0x5451,  # FIONREAD, TIOCOUTQ, FIONBIO, FIONCLEX, FIOCLEX
    0x8910, 0x8912, 0x8913, 0x8915, 0x8921, 0x8933,  # SIOCGIFNAME, ..CONF, ..FLAGS, ..ADDR, ..MTU, ..INDEX
)  # fmt: skip
"""For `ioctl`. Excludes typing into a terminal (TIOCSTI), signals (FIOSETOWN) and file flags (FS_IOC_SETFLAGS)."""
PROCESS_PROPERTIES = (
    1, 2, 3,  # PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE
    15, 16, 21, 23,  # PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ
    29, 30, 38, 39, 41, 42, 0x53564D41,  # timer slack, PR_SET_NO_NEW_PRIVS and PR_GET.., huge pages, PR_SET_VMA
)  # fmt: skip
"""For `prctl`."""


def is_supported() -> bool:
    """Return whether the numbers of this machine are known."""
    return os.uname().machine in MACHINES


def number(name: str) -> int | None:
    """Return the number of a call on this machine; None if it does not have the call."""
    return _NUMBERS[name]


def kernel_filter() -> Filter:
    """Build the filter of every sealed kernel. Without namespaces, `confine` it; then `install` it."""
    rules = Filter()
    for name, *_ in REFUSED:
        rules.answer(number(name), EPERM)
    rules.answer_with_bits(number("clone"), 0, CLONE_NAMESPACES, EPERM)
    # a thread with descriptors of its own could hold files that no limit sees
    rules.look_at(number("clone"), 0, [
        (ANY_BIT, CLONE_THREAD, 0, 2), (ANY_BIT, CLONE_FILES, 1, 0), (RETURN, ANSWER | EPERM, 0, 0),
    ])  # fmt: skip
    rules.answer_with_bits(number("close_range"), 2, CLOSE_RANGE_UNSHARE, EINVAL)
    # pages of such a mapping stay when they are unmapped or advised away, and then count for no process
    rules.look_at(number("mmap"), 3, [
        (ANY_BIT, MAP_SHARED, 0, 2), (ANY_BIT, MAP_ANONYMOUS, 0, 1), (RETURN, ANSWER | ENOSYS, 0, 0),
    ])  # fmt: skip
    # without effect: code that gives up its share of the processor would look like code that a busy machine starves
    for name in ("setpriority", "sched_setaffinity", "sched_setscheduler"):
        rules.answer(number(name), 0)
    # other families, such as AF_VSOCK, are not confined by a network namespace
    for name in ("socket", "socketpair"):
        rules.answer_unless(number(name), 0, (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK), EPERM)
        rules.answer_unless(number(name), 2, (DEFAULT_PROTOCOL, TCP, UDP), EPERM)
    # sockets keep the buffers that the memory limit counts; without effect, since Linux bounds the sizes anyway
    rules.look_at(number("setsockopt"), 1, [
        (EQUAL, SOL_SOCKET, 0, 4), (LOAD, ARGUMENTS + 8 * 2, 0, 0), (EQUAL, SO_SNDBUF, 1, 0), (EQUAL, SO_RCVBUF, 0, 1),
        (RETURN, ANSWER, 0, 0),
    ])  # fmt: skip
    rules.answer_unless(number("fcntl"), 1, FILE_COMMANDS, EINVAL)
    rules.answer_unless(number("ioctl"), 1, DEVICE_REQUESTS, ENOTTY)
    rules.answer_unless(number("prctl"), 0, PROCESS_PROPERTIES, EINVAL)
    # RLIMIT_CORE must stay: it keeps a crash from starting a program on the host
    for name, argument in (("setrlimit", 0), ("prlimit64", 1)):
        rules.look_at(number(name), argument, [(EQUAL, RLIMIT_CORE, 0, 1), (RETURN, ANSWER | EPERM, 0, 0)])
    return rules


def confine(rules: Filter, pid: int, *, same_user: bool) -> None:
    """Restrict process `pid` to threads: it cannot start, signal or limit other processes, nor reach one by a socket.

    Stream sockets may be created: libzmq aborts if it cannot create one.
    same_user: whether the process could change the modes and times of the operator's files. Such calls then appear to
    succeed, so that code which copies a file continues; nobody uses the kernel's own files afterwards.
    """
    rules.answer_without_bits(number("clone"), 0, CLONE_THREAD, EPERM)
    for name in ("fork", "vfork", "execve", "tkill"):
        rules.answer(number(name), EPERM)
    rules.answer_unless(number("kill"), 0, (pid, 0), EPERM)
    rules.answer_unless(number("tgkill"), 0, (pid,), EPERM)
    rules.answer_unless(number("prlimit64"), 0, (pid, 0), EPERM)
    for name, *_ in MODES_AND_TIMES if same_user else ():
        rules.answer(number(name), 0)
    rules.answer(number("connect"), EACCES)
    for name in ("socket", "socketpair"):
        rules.look_at(number(name), 0, [
            (EQUAL, AF_NETLINK, 7, 0),  # libzmq uses it to look up interface names
            (EQUAL, AF_UNIX, 2, 0), (EQUAL, AF_INET, 1, 0), (EQUAL, AF_INET6, 0, 3),
            (LOAD, ARGUMENTS + 8, 0, 0), (AND, SOCK_TYPE, 0, 0), (EQUAL, SOCK_STREAM, 1, 0),
            (RETURN, ANSWER | EACCES, 0, 0),
        ])  # fmt: skip
    for name, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
        rules.answer_with_bits(number(name), flags, MSG_FASTOPEN, EACCES)


def install(rules: Filter, *, more_to_come: bool = False) -> None:
    """Install `kernel_filter`'s filter on this process. Raises OSError.

    more_to_come: whether another filter follows.
    """
    allowed = [number(name) for name, *_ in (*ALLOWED, *MODES_AND_TIMES)]
    rules.allow(
        [number for number in (*allowed, number("seccomp") if more_to_come else None) if number is not None]
    )
    rules.install(ENOSYS)


def forbid_listening() -> None:
    """Forbid all threads of this process to listen, and to create a socket that others could reach. Raises OSError.

    For a confined kernel whose own sockets exist already.
    """
    rules = Filter()
    for name in ("bind", "listen"):
        rules.answer(number(name), EACCES)
    rules.answer_unless(number("socket"), 0, (AF_UNIX,), EACCES)
    rules.answer(number("seccomp"), EPERM)
    rules.install(all_threads=True)


def _numbers() -> dict[str, int | None]:
    machine = os.uname().machine
    calls = (*ALLOWED, *MODES_AND_TIMES, *REFUSED)
    numbers = {name: on_arm if machine == "aarch64" else on_x86 for name, on_x86, on_arm in calls}
    return numbers | ({"seccomp": MACHINES[machine][1]} if is_supported() else {})


_NUMBERS = _numbers()
