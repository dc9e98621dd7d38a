// Package storedata is the personalisation of a contactless card by STORE DATA (../../EMV.md,
// clause 17): data groupings, what is in them, and the commands that carry them.
//
//	groups, err := storedata.Of(application)            // ErrImage: no contactless card's
//	for _, command := range storedata.Commands(groups)  // 80 E2, in their order
//	application, err := storedata.Application(aid, groups)
//
// Words: a grouping is a number, its DGI, and a value; a block is the data of one STORE DATA. Which
// application takes which groupings is a [Rules]. Both the Go card and the Java Card refuse by it;
// the latter has it in Java.
//
// Sources: EMV Card Personalisation Specification 1.1 (form of STORE DATA and of groupings, DGIs of
// records, 8000, 9102 and 9104); DGIs from 3000 on are ours.
package storedata
