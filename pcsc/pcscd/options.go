package pcscd

// Options say which service to talk to.
type Options struct {
	// Socket is the path of the service's socket. Empty: what PCSCLITE_CSOCK_NAME says, else the
	// machine's own service. See the package's documentation: one for each process.
	Socket string
}

// ConnectOptions say how to share the card with other programs. The zero value shares it.
type ConnectOptions struct {
	// Exclusive keeps other programs from connecting.
	Exclusive bool
	// Transaction makes other programs wait from the beginning to the end of the connection.
	Transaction bool
}
