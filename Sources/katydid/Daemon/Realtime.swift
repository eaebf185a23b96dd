import CLinux
import Support

/// What the kernel may give a program that must not come late, if one asks and is allowed to.
struct Realtime {
    /// Of SCHED_FIFO, 1…99; 0: as everybody.
    var priority: Int32 = 0
    var locksMemory = false
    var cpu: Int?

    /// Asks for it. Says through `refused` what was refused; listening goes on without it.
    func apply(_ refused: (Failure) -> Void) {
        if let cpu, linux_pin(Int32(cpu)) != 0 {
            refused(.system("cpu = \(cpu)", "there is no such CPU, or it is not for us: goes on on any"))
        }
        if priority > 0, linux_schedule_fifo(priority) != 0 {
            refused(.system("priority = \(priority)", "goes on as everybody; allow it with LimitRTPRIO= in the unit or ulimit -r"))
        }
        if locksMemory, mlockall(Int32(MCL_CURRENT | MCL_FUTURE)) != 0 {
            refused(.system("lock-memory = yes", "goes on unlocked; allow it with LimitMEMLOCK= in the unit or ulimit -l"))
        }
    }
}
