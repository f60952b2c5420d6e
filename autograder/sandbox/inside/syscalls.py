"""The system call filter: what no notebook needs gets EPERM.

A list of refusals, not of permissions: TensorFlow and what students import use most of the rest. Numbers from
the kernel's tables (x86_64: arch/x86/entry/syscalls/syscall_64.tbl; aarch64: include/uapi/asm-generic/unistd.h).
"""

from __future__ import annotations

import ctypes
import os
import struct

from .libc import CLONE_NEWUSER, syscall

AUDIT_ARCH = (("x86_64", 0xC000003E), ("aarch64", 0xC00000B7))

# name, number on x86_64, number on aarch64
REFUSED = (
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
)  # fmt: skip
ONLY_X86 = (("iopl", 172), ("ioperm", 173), ("modify_ldt", 154), ("fork", 57), ("vfork", 58))

CLONE, CLONE3 = (56, 220), (435, 435)
SOCKET, SOCKETPAIR, CONNECT = (41, 198), (53, 199), (42, 203)
SENDTO, SENDMSG, SENDMMSG = (44, 206), (46, 211), (307, 269)
KILL, TKILL, TGKILL = (62, 129), (200, 130), (234, 131)
QUEUE_SIGNAL, QUEUE_THREAD_SIGNAL, PIDFD_SEND_SIGNAL = (129, 138), (297, 240), (424, 424)
SECCOMP = (317, 277)

LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, KILL_PROCESS, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, EACCES, ENOSYS = 1, 13, 38
CLONE_THREAD = 0x00010000
MSG_FASTOPEN = 0x20000000
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, SOCK_STREAM, SOCK_TYPE = 1, 2, 10, 16, 1, 0xF


class Filter:
    """A classic BPF program, put together rule by rule."""

    def __init__(self) -> None:
        self._machine = [name for name, _ in AUDIT_ARCH].index(os.uname().machine)
        self._code: list[bytes] = []
        self._add(LOAD, ARCHITECTURE)
        self._add(EQUAL, AUDIT_ARCH[self._machine][1], yes=1)
        self._add(RETURN, KILL_PROCESS)
        self._add(LOAD, NUMBER)
        if self._machine == 0:  # the x32 numbers of x86_64 would walk around every rule
            self._add(AT_LEAST, 0x40000000, no=1)
            self._add(RETURN, REFUSE | EPERM)

    def refuse(self, call: tuple[int, int], error: int = EPERM) -> None:
        """Refuse a call whatever its arguments."""
        self._add(EQUAL, call[self._machine], no=1)
        self._add(RETURN, REFUSE | error)

    def refuse_bits(self, call: tuple[int, int], argument: int, bits: int, error: int = EPERM) -> None:
        """Refuse a call in whose argument one of `bits` is set."""
        self._with(call, argument, [(ANY_BIT, bits, 0, 1), (RETURN, REFUSE | error, 0, 0)])

    def require_bits(self, call: tuple[int, int], argument: int, bits: int) -> None:
        """Refuse a call in whose argument none of `bits` is set."""
        self._with(call, argument, [(ANY_BIT, bits, 1, 0), (RETURN, REFUSE | EPERM, 0, 0)])

    def require_value(self, call: tuple[int, int], argument: int, values: tuple[int, ...]) -> None:
        """Refuse a call whose argument is none of `values`."""
        code = [(EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
        self._with(call, argument, [*code, (RETURN, REFUSE | EPERM, 0, 0)])

    def install(self) -> None:
        """Put the filter on this thread and on all it will start. Needs no_new_privs."""
        self._add(RETURN, ALLOW)
        program = ctypes.create_string_buffer(b"".join(self._code))
        header = struct.pack("HxxxxxxP", len(self._code), ctypes.addressof(program))
        syscall(SECCOMP[self._machine], 1, 0, header, what="seccomp")

    def refuse_what_nobody_needs(self) -> None:
        """The rules that every sealed kernel has."""
        for _, *numbers in REFUSED:
            self.refuse((numbers[0], numbers[1]))
        if self._machine == 0:
            for name, number in ONLY_X86:
                if name not in ("fork", "vfork"):
                    self.refuse((number, number))
        self.refuse_bits(CLONE, 0, CLONE_NEWUSER)
        for call in (SOCKET, SOCKETPAIR):  # a network namespace does not hold the others, such as AF_VSOCK
            self.require_value(call, 0, (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK))
        self.refuse(CLONE3, ENOSYS)  # its flags are out of a filter's reach; glibc falls back to clone

    def refuse_processes(self, own: int) -> None:
        """Threads alone, and signals to nobody but process `own` itself."""
        self.require_bits(CLONE, 0, CLONE_THREAD)
        if self._machine == 0:
            for name, number in ONLY_X86:
                if name in ("fork", "vfork"):
                    self.refuse((number, number))
        self.require_value(KILL, 0, (own, 0))
        self.require_value(TGKILL, 0, (own,))
        for call in (TKILL, QUEUE_SIGNAL, QUEUE_THREAD_SIGNAL, PIDFD_SEND_SIGNAL):
            self.refuse(call)

    def refuse_network(self) -> None:
        """No way out of this process by a socket: none connects, none sends to an address.

        Stream sockets may be made: libzmq aborts where it can make none.
        """
        self.refuse(CONNECT, EACCES)
        for call in (SOCKET, SOCKETPAIR):
            self._with(call, 0, [
                (EQUAL, AF_NETLINK, 7, 0),  # by which libzmq asks for the names of interfaces
                (EQUAL, AF_UNIX, 2, 0), (EQUAL, AF_INET, 1, 0), (EQUAL, AF_INET6, 0, 3),
                (LOAD, ARGUMENTS + 8, 0, 0), (AND, SOCK_TYPE, 0, 0), (EQUAL, SOCK_STREAM, 1, 0),
                (RETURN, REFUSE | EACCES, 0, 0),
            ])  # fmt: skip
        for call, flags in ((SENDTO, 3), (SENDMSG, 2), (SENDMMSG, 3)):
            self.refuse_bits(call, flags, MSG_FASTOPEN, EACCES)

    def _with(self, call: tuple[int, int], argument: int, code: list[tuple[int, int, int, int]]) -> None:
        """Code that is run for one call, with the low half of an argument loaded."""
        self._add(EQUAL, call[self._machine], no=len(code) + 2)
        self._add(LOAD, ARGUMENTS + 8 * argument)  # both machines are little-endian
        for operation, value, yes, no in code:
            self._add(operation, value, yes=yes, no=no)
        self._add(LOAD, NUMBER)

    def _add(self, operation: int, value: int, *, yes: int = 0, no: int = 0) -> None:
        self._code.append(struct.pack("HBBI", operation, yes, no, value & 0xFFFFFFFF))


def offered() -> bool:
    """Whether we know this machine's numbers."""
    return os.uname().machine in [name for name, _ in AUDIT_ARCH]
