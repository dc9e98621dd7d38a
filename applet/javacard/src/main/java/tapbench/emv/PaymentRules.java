package tapbench.emv;

import javacard.framework.ISOException;

/** The payment application's data groupings (applet/EMV.md, personalisation by STORE DATA). */
final class PaymentRules implements GroupRules {
    /** Limits of card risk management: {@link Risk}. */
    static final short LIMITS = 0x3000;
    static final short PDOL = 0x3001;
    static final short CDOL1 = 0x3002;
    static final short DDOL = 0x3003;
    /** Times of relay resistance: minimum, maximum, transmission [2] each. */
    static final short RELAY = 0x3004;
    /** What GET PROCESSING OPTIONS answers: 82 02 AIP, 94 length AFL. */
    static final short OPTIONS = (short) 0x9104;
    static final short OPTIONS_HEAD_LEN = 6;
    static final short AIP_AT = 2;

    /** Values of the PDOL stay in RAM for a transaction. */
    static final short PDOL_MOST = 64;

    private static final short MASTER_KEY = (short) 0x8000;
    private static final short LARGEST_FILE = 30;
    private static final short LONGEST = 254; // of a record or a list
    private static final short OPTIONS_MOST = (short) (OPTIONS_HEAD_LEN + 124);
    private static final short CDOL1_MOST = 252;
    private static final short RELAY_LEN = 6;
    private static final byte AIP = (byte) 0x82;
    private static final byte AFL = (byte) 0x94;
    private static final byte AIP_ISSUER = 0x04; // EXTERNAL AUTHENTICATE, which this card hasn't

    private final DataGroups groups;
    private final CardKeys keys;

    PaymentRules(DataGroups groups, CardKeys keys) {
        this.groups = groups;
        this.keys = keys;
    }

    @Override
    public void check(short id, short len) {
        short least = least(id);
        if (least == 0) {
            ISOException.throwIt(Codes.SW_REFERENCE_NOT_FOUND);
        } else if (len < least || len > most(id)) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
    }

    private static boolean isRecord(short id) {
        short file = (short) ((id >> 8) & 0xFF);
        return file >= 1 && file <= LARGEST_FILE && (byte) id != 0;
    }

    /** Returns the least length of a grouping's value; 0: it isn't known. */
    private static short least(short id) {
        switch (id) {
            case CardApplet.SELECTION:
            case PDOL:
            case CDOL1:
            case DDOL:
                return 2;
            case LIMITS:
                return Risk.LIMITS_LEN;
            case RELAY:
                return RELAY_LEN;
            case MASTER_KEY:
                return Cryptograms.KEY_LEN;
            case OPTIONS:
                return (short) (OPTIONS_HEAD_LEN + 4);
            default:
                return (short) (isRecord(id) ? 2 : 0);
        }
    }

    private static short most(short id) {
        switch (id) {
            case CardApplet.SELECTION:
                return CardApplet.LONGEST_SELECTION;
            case LIMITS:
                return Risk.LIMITS_LEN;
            case RELAY:
                return RELAY_LEN;
            case MASTER_KEY:
                return Cryptograms.KEY_LEN;
            case OPTIONS:
                return OPTIONS_MOST;
            default:
                return LONGEST;
        }
    }

    @Override
    public void checkValue(short at) {
        boolean fits = true;
        switch (groups.id(at)) {
            case MASTER_KEY:
                keys.setMaster(groups.bytes, at);
                return;
            case LIMITS:
                fits = Risk.areLimits(groups.bytes, at);
                break;
            case PDOL:
                fits = isList(at, (short) 1, PDOL_MOST);
                break;
            case CDOL1:
            case DDOL:
                fits = isList(at, (short) 1, CDOL1_MOST);
                break;
            case OPTIONS:
                fits = areOptions(at);
                break;
            default:
                break; // a terminal judges it
        }
        if (!fits) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
    }

    private boolean isList(short at, short least, short most) {
        short len = Dol.valuesLen(groups.bytes, at, groups.length(at));
        return len >= least && len <= most
            && Terminal.hasLengths(groups.bytes, at, groups.length(at));
    }

    private boolean areOptions(short at) {
        byte[] bytes = groups.bytes;
        return bytes[at] == AIP && bytes[(short) (at + 1)] == 2 && bytes[(short) (at + 4)] == AFL
            && bytes[(short) (at + 5)] == (short) (groups.length(at) - OPTIONS_HEAD_LEN)
            && (byte) (bytes[(short) (at + AIP_AT)] & AIP_ISSUER) == 0;
    }

    @Override
    public void checkAll() {
        if (!keys.areMade() || lacks(CardApplet.SELECTION) || lacks(OPTIONS) || lacks(MASTER_KEY)
            || lacks(CDOL1) || lacks(LIMITS)) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    private boolean lacks(short id) {
        return groups.find(id) == DataGroups.NONE;
    }
}
