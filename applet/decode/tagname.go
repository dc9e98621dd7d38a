package decode

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// tagName returns the name of a data element: the application's first, then the interindustry one
// of ISO/IEC 7816-4:2005, 5.2.4 and 8, and 7816-6:2004. It is "" for a tag that has none.
func tagName(tag tlv.Tag, of grammar, k kind) string {
	name := ""
	switch {
	case of == authGrammar:
		return authTagName(tag)
	case of == fileGrammar:
		name = fileTagName(tag)
	case k == securityDomain:
		name = platformTagName(tag)
	}
	if name == "" {
		name = emv.TagName(tag)
	}
	if name == "" {
		name = interindustryTagName(tag)
	}
	return name
}

// authTagName names what is in a dynamic authentication template (ISO/IEC 7816-4:2005, 7.5.5, table
// 64).
func authTagName(tag tlv.Tag) string {
	if tag < 0x80 || tag > 0x85 {
		return ""
	}
	return [...]string{
		"witness", "challenge", "response", "committed challenge", "authentication code",
		"exponential",
	}[tag-0x80]
}

// fileTagName names file control parameters (ISO/IEC 7816-4:2005, 5.3.3, table 12).
func fileTagName(tag tlv.Tag) string {
	if tag&^0x3F != 0x80 {
		return ""
	}
	return [0x40]string{
		0x00: "data bytes in the file",
		0x01: "data bytes in the file, with structure",
		0x02: "file descriptor",
		0x03: "file identifier",
		0x04: "DF name",
		0x05: "proprietary information",
		0x06: "security attribute, proprietary",
		0x07: "identifier of the EF with an extension of the FCI",
		0x08: "short EF identifier",
		0x0A: "life cycle status",
		0x0B: "security attribute, referenced",
		0x0C: "security attribute, compact",
		0x0D: "identifier of the EF with security environments",
		0x0E: "channel security attribute",
		0x20: "security attribute template for data objects",
		0x21: "security attribute template, proprietary",
		0x22: "template with pairs of short EF identifier and path",
		0x2B: "security attribute template, expanded",
		0x2C: "cryptographic mechanism identifier template",
	}[tag&0x3F]
}

// interindustryTagName names the data elements for interchange.
func interindustryTagName(tag tlv.Tag) string {
	switch {
	case tag < 0x40:
		return universalTagName(tag)
	case tag < 0x80:
		return applicationTagName(tag)
	case tag&^0x7F == 0x5F00:
		return personTagName(tag)
	case tag&^0x7F == 0x7F00:
		return [0x80]string{
			0x21: "cardholder certificate", 0x2E: "biometric data template",
			0x49: "public key template", 0x4C: "certificate holder authorisation template",
			0x4E: "certificate body", 0x60: "biometric information template",
			0x61: "biometric information group template", 0x66: "extended length information",
		}[tag&0x7F]
	default:
		return ""
	}
}

// universalTagName names the ASN.1 types that cards use (ITU-T X.690, 8).
func universalTagName(tag tlv.Tag) string {
	return [0x40]string{
		0x01: "boolean", 0x02: "integer", 0x03: "bit string", 0x04: "octet string", 0x05: "null",
		0x06: "object identifier", 0x0C: "UTF-8 string", 0x13: "printable string",
		0x17: "UTC time", 0x18: "generalised time", 0x30: "sequence", 0x31: "set",
	}[tag]
}

// applicationTagName names the tags 40 to 7F.
func applicationTagName(tag tlv.Tag) string {
	return [0x40]string{
		0x41 & 0x3F: "country code and national data",
		0x43 & 0x3F: "card service data",
		0x44 & 0x3F: "initial access data",
		0x45 & 0x3F: "card issuer's data",
		0x46 & 0x3F: "pre-issuing data",
		0x47 & 0x3F: "card capabilities",
		0x48 & 0x3F: "status information",
		0x4D & 0x3F: "extended header list",
		0x51 & 0x3F: "file reference",
		0x52 & 0x3F: "command to perform",
		0x53 & 0x3F: "discretionary data",
		0x5B & 0x3F: "name",
		0x5C & 0x3F: "tag list",
		0x5D & 0x3F: "header list",
		0x5E & 0x3F: "log-in data",
		0x60 & 0x3F: "compatible tag allocation authority",
		0x62 & 0x3F: "file control parameters",
		0x64 & 0x3F: "file management data",
		0x65 & 0x3F: "cardholder related data",
		0x66 & 0x3F: "card data",
		0x67 & 0x3F: "authentication data",
		0x68 & 0x3F: "special user requirements",
		0x6A & 0x3F: "log-in template",
		0x6E & 0x3F: "application related data",
		0x73 & 0x3F: "discretionary template",
		0x78 & 0x3F: "compatible tag allocation authority",
		0x79 & 0x3F: "coexistent tag allocation authority",
		0x7A & 0x3F: "security support template",
		0x7B & 0x3F: "security environment template",
		0x7C & 0x3F: "dynamic authentication template",
		0x7D & 0x3F: "secure messaging template",
		0x7E & 0x3F: "interindustry template",
	}[tag&0x3F]
}

// personTagName names what begins with 5F.
func personTagName(tag tlv.Tag) string {
	return [0x80]string{
		0x21: "track 1", 0x22: "track 2", 0x23: "track 3",
		0x29: "interchange profile", 0x2B: "date of birth", 0x2C: "cardholder nationality",
		0x2E: "biometric data", 0x2F: "PIN usage policy", 0x35: "sex",
		0x37: "static internal authentication",
		0x38: "static internal authentication, first associated data",
		0x3D: "digital signature", 0x40: "cardholder portrait image",
		0x42: "address", 0x43: "handwritten signature image", 0x48: "cardholder private key",
		0x49: "cardholder public key", 0x52: "historical bytes",
	}[tag&0x7F]
}

// fileTrait returns what is known of file control parameters: how a file is built may be kept, what
// its maker put in may not.
func fileTrait(tag tlv.Tag) trait {
	switch tag {
	case 0x80, 0x81, 0x88:
		return trait{Integer, Constant, Clear}
	case 0x82, 0x83, emv.TagDFName, 0x87, 0x8A, 0x8D:
		return trait{Binary, Constant, Clear}
	default:
		return trait{}
	}
}

// public reports whether an element may be kept whatever the application: it says which
// applications there are, and how to select them.
func public(tag tlv.Tag) bool {
	switch tag {
	case emv.TagADFName, emv.TagLabel, emv.TagDFName, emv.TagPriority, emv.TagPDOL, 0x5F2D, 0x9D:
		return true
	default:
		return false
	}
}
