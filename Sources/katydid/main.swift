import CLinux
import Support

exit(0)
