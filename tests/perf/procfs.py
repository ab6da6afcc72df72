"""What the kernel tells about a process and those that it started."""

from pathlib import Path

PROC = Path("/proc")


def parse_stat_parent(stat):
    """The parent's pid from /proc/PID/stat. The command name may hold spaces and ')'."""
    return int(stat[stat.rindex(")") + 1:].split()[1])


def descendants(pid, parents):
    """`pid` and all processes below it, given {pid: parent}."""
    tree = [pid]
    for member in tree:
        tree += sorted(child for child, parent in parents.items() if parent == member)
    return tree


def process_tree(pid):
    parents = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = parse_stat_parent((entry / "stat").read_text())
            except (OSError, ValueError):
                continue  # it ended while we looked
    return descendants(pid, parents)


def parse_schedstat(text):
    """Nanoseconds on the CPU, the first field of a thread's schedstat."""
    return int(text.split()[0])


def cpu_times(pid):
    """{thread id: nanoseconds on the CPU} of the process and all below it.

    /proc/PID/schedstat speaks of the first thread alone, hence the walk over the threads.
    """
    times = {}
    for process in process_tree(pid):
        for task in (PROC / str(process) / "task").iterdir():
            times[int(task.name)] = parse_schedstat((task / "schedstat").read_text())
    return times


def cpu_spent(before, after):
    """Nanoseconds between two cpu_times(). A thread that ended takes its time with it, and a
    sum without it would flatter the server: that is an error."""
    gone = before.keys() - after.keys()
    if gone:
        raise ValueError(f"{len(gone)} thread(s) of the server ended during the measurement")
    return sum(time - before.get(thread, 0) for thread, time in after.items())


def parse_resident(status):
    """Bytes of resident memory from /proc/PID/status."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no VmRSS in the status")


def resident_bytes(pid):
    """Resident memory of the process and all below it. Pages shared between them count for
    each, which cancels out in the growth that is asked for."""
    return sum(parse_resident((PROC / str(process) / "status").read_text())
               for process in process_tree(pid))
