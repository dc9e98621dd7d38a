package wire

// AID is an application identifier, 5 to 16 bytes (ISO/IEC 7816-4:2013, clause 12.2.3). The
// payment protocol's AID, the bank account ID, is message.AccountID.
type AID string

// The applications of the secure element. The first byte F0 marks a proprietary, unregistered
// application provider (ISO/IEC 7816-5:2004, clause 7.2.4).
const (
	// AIDPackage is the Java Card package.
	AIDPackage AID = "\xF0TAPBENCH"
	// AIDManagement is the application that the wallet talks to: accounts, registration, cards.
	AIDManagement AID = "\xF0TAPBENCH\x01"
	// AIDPayment is the EMV payment application, EMV's ADF name.
	AIDPayment AID = "\xF0TAPBENCH\x02"
	// AIDOffline is the EMV application that pays with offline tokens. It isn't in the PPSE: a terminal
	// that is offline selects it directly (EMV 4.3 Book 1, 12.3.3).
	AIDOffline AID = "\xF0TAPBENCH\x03"
	// AIDPPSE is the Proximity Payment System Environment (EMV Contactless Book B, 3.3.1).
	AIDPPSE AID = "2PAY.SYS.DDF01"
)
