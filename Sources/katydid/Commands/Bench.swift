import Support
func bench() throws(Failure) {}
