import CLinux

/// Writes a whole file or nothing: to a temporary name beside it, then renamed into place.
public func writeFile(_ path: String, _ parts: [UnsafeRawBufferPointer]) throws(Failure) {
    let temporary = path + ".part"
    let fd = linux_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard fd >= 0 else { throw cannotWrite(path) }
    for part in parts {
        var done = 0
        while done < part.count {
            let n = write(fd, part.baseAddress! + done, part.count - done)
            if n < 0 && linux_errno() == EINTR { continue }
            guard n > 0 else {
                let failure = cannotWrite(path)
                close(fd)
                unlink(temporary)
                throw failure
            }
            done += n
        }
    }
    guard close(fd) == 0, rename(temporary, path) == 0 else {
        let failure = cannotWrite(path)
        unlink(temporary)
        throw failure
    }
}

private func cannotWrite(_ path: String) -> Failure {
    let code = linux_errno()
    return Failure(.cannotCreate, "\(path)", "\(String(cString: strerror(code)))", "check the folder, its permissions and the free space")
}
