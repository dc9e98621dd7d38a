// Package generaltest holds package general to the books: a table of cases, in the order of EMVCo's
// terminal type approval (level 2), each of which names the clause that it proves.
//
//	case   PSE isn't there
//	clause EMV 4.3 Book 1, 12.3.2
//	card   PSE: sw 6A82
//	want   approved; found list
//
// The files lie in testdata, one for each part of a transaction. A case is a right payment, of a
// right card at a right terminal by a right issuer, but for what it says:
//
//	card      a deviation of the card; see pcsctest.ParseDeviation and below
//	image     what is otherwise on the card from the start
//	forge     certificates that are wrong, or right but made by code of this package
//	terminal  what the terminal is otherwise
//	issuer    what the issuer answers otherwise
//	pay       what is paid otherwise
//	want      what must become of it
//
// A line of card may name commands: PSE, PPSE and APP are selections, GPO is GET PROCESSING
// OPTIONS, RECORD 1 2 reads record 2 of file 1, AC1 and AC2 are the first and second GENERATE AC.
// Commas stand between the words of the other lines, semicolons between what is wanted. The words
// themselves are in image.go, forge.go, terminal.go, issuer.go and want.go.
//
// [Load] reads the cases, [Case.Run] pays. What every payment must hold, whatever the card does, is
// [Invariants]: fuzzing looks at it too.
package generaltest
