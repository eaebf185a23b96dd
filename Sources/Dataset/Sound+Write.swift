import CLinux
import CSndFile
import Support

extension Sound {
    /// Writes 16 kHz mono sound whole or not at all: as FLAC where the name ends in `.flac`, else as WAV.
    /// Throws `Failure` for a folder that cannot be written to, or a full disk.
    public static func write(_ samples: [Int16], to path: String) throws(Failure) {
        let temporary = path + ".part"
        var info = SF_INFO()
        info.samplerate = Int32(rate)
        info.channels = 1
        info.format = Int32((path.hasSuffix(".flac") ? SF_FORMAT_FLAC : SF_FORMAT_WAV) | SF_FORMAT_PCM_16)
        guard let file = sf_open(temporary, Int32(SFM_WRITE), &info) else {
            throw Failure(.cannotCreate, "\(path)", "\(reason(nil))", "check the folder, its permissions and the free space")
        }
        let written = Int(sf_writef_short(file, samples, sf_count_t(samples.count)))
        guard sf_close(file) == 0, written == samples.count, rename(temporary, path) == 0 else {
            let code = linux_errno()
            unlink(temporary)
            throw Failure(
                .cannotCreate, "\(path)", code == 0 ? "could not be written whole" : "\(String(cString: strerror(code)))",
                "check the folder, its permissions and the free space")
        }
    }
}
