package clause

// The books of EMV 4.3; a clause's number goes behind.
const (
	Book1 = "EMV 4.3 Book 1, "
	Book2 = "EMV 4.3 Book 2, "
	Book3 = "EMV 4.3 Book 3, "
	Book4 = "EMV 4.3 Book 4, "
)

// Where the books say what is done.
const (
	Candidates           = Book1 + "12.3"
	PSE                  = Book1 + "12.3.2"
	AIDs                 = Book1 + "12.3.3"
	Select               = Book1 + "12.4"
	DOL                  = Book3 + "5.4"
	Status               = Book3 + "6.3.5"
	GenerateAC           = Book3 + "6.5.5"
	GetData              = Book3 + "6.5.7"
	Options              = Book3 + "6.5.8"
	InternalAuthenticate = Book3 + "6.5.9"
	Mandatory            = Book3 + "7.2"
	Erroneous            = Book3 + "7.5"
	TCHash               = Book3 + "9.2.2"
	CommandUse           = Book3 + "9.3"
	Initiation           = Book3 + "10.1"
	Records              = Book3 + "10.2"
	Authentication       = Book3 + "10.3"
	Restrictions         = Book3 + "10.4"
	Cardholder           = Book3 + "10.5"
	PIN                  = Book3 + "10.5.1"
	Risk                 = Book3 + "10.6"
	Exception            = Book4 + "6.3.5"
	Action               = Book3 + "10.7"
	CardAction           = Book3 + "10.8"
	NotAllowed           = Book4 + "6.3.7"
	Online               = Book3 + "10.9"
	Scripts              = Book3 + "10.10"
	ScriptFormat         = Book3 + "annex E"
	ScriptLength         = Book4 + "12.2.4"
	Completion           = Book3 + "10.11"
	SDA                  = Book2 + "5"
	DDA                  = Book2 + "6.5"
	CDA                  = Book2 + "6.6"
	EncipheredPIN        = Book2 + "7"
	ResponseCodes        = Book4 + "annex A6"
	Referral             = Book4 + "6.5.2"

	PPSE           = "EMV Contactless Book B 2.6, 3.3.2"
	FinalSelection = "EMV Contactless Book B 2.6, 3.3.3"
	Contactless    = "EMV Contactless Book C-2 2.6"

	// Fast are transactions whose cryptogram comes with the processing options.
	Fast = "EMV Contactless Book C-3 2.6"
)
