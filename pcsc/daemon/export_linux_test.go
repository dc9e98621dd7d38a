package daemon

// RaiseLoopback brings the loopback interface up, for tests in network namespaces of their own.
func RaiseLoopback() error { return raiseLoopback() }
