package tapbench.emv;

import javacard.framework.ISOException;

/** The PPSE's data groupings: what SELECT answers. */
final class DirectoryRules implements GroupRules {
    private final DataGroups groups;

    DirectoryRules(DataGroups groups) {
        this.groups = groups;
    }

    @Override
    public void check(short id, short len) {
        if (id != CardApplet.SELECTION) {
            ISOException.throwIt(Codes.SW_REFERENCE_NOT_FOUND);
        } else if (len < 2 || len > CardApplet.LONGEST_SELECTION) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
    }

    @Override
    public void checkValue(short at) {
        // A terminal judges it.
    }

    @Override
    public void checkAll() {
        if (groups.find(CardApplet.SELECTION) == DataGroups.NONE) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
    }
}
