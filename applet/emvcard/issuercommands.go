package emvcard

// issuerCommands are those that serve the issuer and the PIN.
func issuerCommands() []command { return nil }
