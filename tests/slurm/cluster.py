"""A Slurm of one machine for the tests: munged, slurmctld and slurmd in a scratch folder.

Nothing of the system is used or changed: key, socket, ports, state and logs are the folder's. The
daemons are children that end with this process, however it ends."""
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

SYSTEM_PATH = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])

# A requeued job waits for cred_expire and one second, as its node refuses the credentials of a job that
# it has ended for so long; Slurm's default is 120 s.
SETTINGS = """
ClusterName=varia
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=10
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=0,bf_interval=1,batch_sched_delay=0,sched_interval=5
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldDebug=debug
SlurmdDebug=info
KillWait=10
MinJobAge=300
InactiveLimit=0
MaxArraySize={max_array_size}
JobRequeue=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=30 State=UP
"""


class ClusterError(Exception):
    """Slurm is not installed, does not start, or did not do what was waited for."""


def program(name):
    path = shutil.which(name, path=SYSTEM_PATH)
    if path is None:
        raise ClusterError(f"there is no program {name}; tools/setup test installs Slurm and MUNGE")
    return path


def die_with_parent():
    """Before exec in a child: the kernel ends it when this process ends (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Daemon:
    """A program that runs in the foreground; what it prints can be waited for."""

    def __init__(self, name, command, log, environment):
        self.name, self.log = name, log
        self.changed = threading.Condition()
        self.lines, self.ended = [], False
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env=environment, preexec_fn=die_with_parent)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        with open(self.log, "a") as log:
            for line in self.process.stdout:
                log.write(line)
                log.flush()
                with self.changed:
                    self.lines.append(line.rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def mark(self):
        """The place in its output from which `wait_for` may look."""
        with self.changed:
            return len(self.lines)

    def wait_for(self, pattern, timeout, start=0):
        """The first line from `start` on in which the pattern is found."""
        found = []

        def look():
            nonlocal start
            for line in self.lines[start:]:
                start += 1
                match = re.search(pattern, line)
                if match:
                    found.append(match)
                    return True
            return self.ended

        with self.changed:
            self.changed.wait_for(look, timeout)
            if not found:
                last = "\n".join(self.lines[-30:])
                raise ClusterError(f"{self.name} has not printed /{pattern}/ in {timeout} s:\n{last}")
        return found[0]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join()
        self.process.stdout.close()


def free_ports(count):
    """Ports of the loopback that nothing listens on, held together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def memory_in_megabytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


class Cluster:
    """with Cluster() as cluster: cluster.run("sinfo")"""

    def __init__(self, cpus=4, max_array_size=1001):
        self.cpus, self.max_array_size = cpus, max_array_size
        self.daemons = []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="varia_slurm_", dir="/tmp")
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.daemons and not self.daemons[-1].ended:
            # Jobs must not outlive their cluster.
            subprocess.run([program("scancel"), "--full", "--signal=KILL", "--user", str(os.getuid())],
                           env=self.environment, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=30)
        for daemon in reversed(self.daemons):
            daemon.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self):
        os.chmod(self.folder, 0o755)  # MUNGE wants its socket to be reachable
        for name in ("munge", "state", "spool", "log"):
            os.mkdir(self.path(name), mode=0o755)
        self.environment = {**os.environ, "PATH": SYSTEM_PATH,
                            "SLURM_CONF": self.path("slurm.conf")}
        # Those of a job in which the tests themselves may run.
        for name in [name for name in self.environment if name.startswith(("SLURM_", "SBATCH_"))]:
            if name != "SLURM_CONF":
                del self.environment[name]
        with open(os.open(self.path("munge/key"), os.O_WRONLY | os.O_CREAT, 0o400), "wb") as key:
            key.write(os.urandom(128))
        self.write_settings()

        munge = [program("munged"), "--foreground", "--force", "--num-threads=2"]
        for option, name in (("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"),
                             ("log-file", "log"), ("seed-file", "seed")):
            munge.append(f"--{option}={self.path('munge', name)}")
        self.add("munged", munge).wait_for(r"Created \d+ work threads?", 30)
        self.controller = self.add("slurmctld", [program("slurmctld"), "-D", "-c"])
        self.controller.wait_for("Running as primary controller", 30)
        self.node = self.add("slurmd", [program("slurmd"), "-D", "-c"])
        self.controller.wait_for(r"node \S+ registered", 30)

    def add(self, name, command):
        daemon = Daemon(name, command, self.path("log", name), self.environment)
        self.daemons.append(daemon)
        return daemon

    def write_settings(self):
        controller_port, node_port = free_ports(2)
        host = socket.gethostname().split(".")[0]
        user = subprocess.run(["id", "-un"], stdout=subprocess.PIPE, text=True,
                              check=True).stdout.strip()
        with open(self.path("slurm.conf"), "w") as file:
            file.write(SETTINGS.format(
                folder=self.folder, host=host, user=user, cpus=self.cpus,
                controller_port=controller_port, node_port=node_port,
                memory=memory_in_megabytes() * 9 // 10, max_array_size=self.max_array_size))
        # Without it 24.11 asks for cgroups; 22.05 knows no such value, and looks for none.
        version = subprocess.run([program("slurmctld"), "-V"], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout
        if [int(part) for part in re.findall(r"\d+", version)[:2]] >= [23, 11]:
            with open(self.path("cgroup.conf"), "w") as file:
                file.write("CgroupPlugin=disabled\n")

    def run(self, *command, cwd=None, check=True, timeout=60, environment=None):
        """Runs a command that sees the cluster. @returns what it printed"""
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout,
                              env={**self.environment, **(environment or {})})
        if check and done.returncode != 0:
            raise ClusterError(f"{' '.join(command)}: exit code {done.returncode}\n"
                               f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def submit(self, script, *options, cwd):
        """@returns the job's id"""
        return self.run("sbatch", "--parsable", *options, script, cwd=cwd).strip()

    def state(self, job):
        """{"JobState": "RUNNING", ...} as scontrol shows it."""
        text = self.run("scontrol", "--oneliner", "show", "job", str(job))
        return dict(part.split("=", 1) for part in text.split() if "=" in part)

    def logs(self):
        """The last lines of all daemons, for messages of tests that fail."""
        return "\n".join(f"--- {daemon.name}\n" + "\n".join(daemon.lines[-40:])
                         for daemon in self.daemons)
