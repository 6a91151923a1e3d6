"""One QEMU process: started, spoken to, ended. It never outlives the program that started it.

Its monitor and serial ports are socket pairs that it inherits: no port and no socket file that could be in use.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import place
from .place import LabError

QEMU = 'qemu-system-x86_64'
KVM = Path('/dev/kvm')

# Under the emulator a machine that has other work takes several times as long; a deadline is there to end, not to measure.
PATIENCE = float(os.environ.get('LAB_PATIENCE', '1'))


class Deadline:
    def __init__(self, seconds, what, log):
        self.end, self.seconds, self.what, self.log = time.monotonic() + seconds * PATIENCE, seconds * PATIENCE, what, log

    def left(self):
        """Seconds; raises where none are left."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise LabError(f'{self.what}: not within {self.seconds:.0f} s\nthe log to read: {self.log}')
        return left


class Line:
    """A serial port or the monitor, read line by line with a deadline on each wait."""

    def __init__(self, end):
        self.socket, self.buffer = end, b''
        end.setblocking(False)

    def send(self, data, deadline):
        while data:
            select.select([], [self.socket], [], deadline.left())
            try:
                data = data[self.socket.send(data):]
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                raise LabError(f'{deadline.what}: QEMU ended\nthe log to read: {deadline.log}') from None

    def read_line(self, deadline):
        """The next line without its end, or None where the other end is closed."""
        while b'\n' not in self.buffer:
            ready, _, _ = select.select([self.socket], [], [], deadline.left())
            if not ready:
                continue
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                data = b''
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b'\n')
        return line


class Emulator:
    """arguments: what follows the program's name, without serial ports and monitor. Logs go into the folder."""

    def __init__(self, arguments, folder, with_console_socket=False):
        place.need_program(QEMU, package='qemu-system-x86')
        self.folder = Path(folder)
        self.console_log, self.log = self.folder / 'console.log', self.folder / 'qemu.log'
        ours, theirs = zip(*[socket.socketpair() for _ in range(3)])
        monitor, shell, console = theirs
        command = [QEMU, *map(str, arguments),
                   '-chardev', f'socket,id=monitor,fd={monitor.fileno()}', '-mon', 'chardev=monitor,mode=control',
                   *self._console(with_console_socket, console), '-serial', 'chardev:console',
                   '-chardev', f'socket,id=shell,fd={shell.fileno()}', '-serial', 'chardev:shell']
        (self.folder / 'command').write_text(' '.join(f"'{word}'" if set(word) & set(' ,$*"') else word for word in command) + '\n')
        self.process = None
        try:
            self._start(command, theirs, ours)
        except BaseException:    # interrupted on the way, too: nobody else knows of the process yet
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            raise

    def _start(self, command, theirs, ours):
        # A signal that came between the start of the process and its being known would leave it running.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            with open(self.log, 'ab') as log:
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                                pass_fds=[end.fileno() for end in theirs], preexec_fn=place.end_with_me())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        for end in theirs:
            end.close()
        self.monitor, self.shell = Line(ours[0]), Line(ours[1])
        self.console = ours[2]
        deadline = Deadline(60, 'QEMU\'s monitor', self.log)
        self._answer(deadline, 'QMP')
        self.ask('qmp_capabilities')

    def _console(self, with_socket, end):
        if with_socket:
            return ['-chardev', f'socket,id=console,fd={end.fileno()},logfile={self.console_log},logappend=on']
        return ['-chardev', f'file,id=console,path={self.console_log},append=on']

    def _gone(self):
        self.process.wait()
        end = '\n'.join(self.log.read_text(errors='replace').splitlines()[-6:])
        return LabError(f'QEMU ended with status {self.process.returncode}\n{end}\nits command and logs: {self.folder}')

    def _answer(self, deadline, *keys):
        while True:
            line = self.monitor.read_line(deadline)
            if line is None:
                raise self._gone()
            answer = json.loads(line)
            if 'error' in answer:
                raise LabError(f'QEMU refused: {answer["error"]["desc"]}\nits command and logs: {self.folder}')
            for key in keys:
                if key in answer:
                    return answer[key]

    def ask(self, command, seconds=60, **arguments):
        """A command of the QEMU Machine Protocol; gives what it returns."""
        deadline = Deadline(seconds, f'QEMU\'s answer to {command}', self.log)
        self.monitor.send(json.dumps({'execute': command, 'arguments': arguments}).encode() + b'\n', deadline)
        return self._answer(deadline, 'return')

    def is_running(self):
        return self.process.poll() is None

    def save(self, path):
        """Stops the machine and writes its state; refused by devices that cannot be saved."""
        self.ask('stop')
        self.ask('migrate-set-parameters', **{'max-bandwidth': 1 << 40})
        self.ask('migrate', uri=f'exec:cat >"{path}"')
        deadline = Deadline(120, 'saving the state of the host', self.log)
        while (state := self.ask('query-migrate').get('status')) != 'completed':
            if state in ('failed', 'cancelled'):
                raise LabError(f'the state of the host could not be saved\nsee {self.log}')
            deadline.left()
            time.sleep(0.05)    # the monitor has no event without a capability of its own

    def wait_end(self, seconds):
        deadline = Deadline(seconds, 'the end of QEMU', self.console_log)
        while self.is_running():
            deadline.left()
            time.sleep(0.05)

    def cut(self):
        """The power cut: the process is killed, whatever it was writing."""
        if self.is_running():
            self.process.kill()
        self.process.wait()
        for end in (self.monitor.socket, self.shell.socket, self.console):
            end.close()


def _why_no_kvm():
    """None where KVM may be opened. The node may be there without a module behind it, and root may be refused in a container."""
    try:
        os.close(os.open(KVM, os.O_RDWR | os.O_CLOEXEC))
    except FileNotFoundError:
        return f'there is no {KVM}'
    except OSError as error:
        return f'{KVM} cannot be opened: {error.strerror.lower()}'
    return None


def _kvm_runs(kernel):
    """Whether a kernel comes to life under KVM here. That it can be opened does not say so: there are machines where a guest then hangs."""
    done = None
    try:
        done = subprocess.run([QEMU, '-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-nodefaults', '-display',
                               'none', '-no-reboot', '-serial', 'stdio', '-kernel', kernel, '-append', 'console=ttyS0 panic=-1'],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=15,
                              start_new_session=True, preexec_fn=place.end_with_me()).stdout
    except subprocess.TimeoutExpired as error:
        done = error.stdout
    return b'Linux version' in (done or b'')


def _nests():
    return any(path.read_text().strip() in ('1', 'Y') for path in Path('/sys/module').glob('kvm_*/parameters/nested'))


def _kvm_was_seen_to_run(kernel):
    """Tried once for each boot of this machine and each QEMU, since it takes seconds where KVM hangs."""
    answer = place.BUILD / 'accelerator'
    key = place.content_key(Path('/proc/sys/kernel/random/boot_id').read_bytes(), str(shutil.which(QEMU)))
    if answer.exists() and answer.read_text().split() in ([key, 'runs'], [key, 'hangs']):
        return answer.read_text().split()[1] == 'runs'
    runs = _kvm_runs(kernel)
    with place.refusals_of(place.BUILD):
        place.BUILD.mkdir(parents=True, exist_ok=True)
        part = answer.with_name(f'accelerator.{os.getpid()}')
        part.write_text(f'{key} {"runs" if runs else "hangs"}\n')
        part.rename(answer)
    return runs


def accelerator(kernel):
    """('kvm' or 'tcg', why). KVM where a kernel runs under it and guests in the host do, too. LAB_ACCEL decides where it is set and can be had."""
    wish = os.environ.get('LAB_ACCEL', '')
    if wish not in ('', 'kvm', 'tcg'):
        raise LabError(f'LAB_ACCEL={wish}: the lab knows kvm and tcg, the emulator\nset it to one of these, or unset it')
    if wish == 'tcg':
        return 'tcg', 'LAB_ACCEL says so'
    place.need_program(QEMU, package='qemu-system-x86')
    trouble = _why_no_kvm() or (None if _kvm_was_seen_to_run(kernel) else 'KVM does not run a kernel here')
    if wish:
        if trouble:
            raise LabError(f'LAB_ACCEL=kvm: {trouble}\nunset it, and the host is emulated')
        return 'kvm', 'LAB_ACCEL says so'
    if not trouble and not _nests():
        trouble = 'KVM does not nest here'
    return ('tcg', f'{trouble}, so the host is emulated') if trouble else ('kvm', 'KVM runs here, with guests inside guests')
