package tapbench.emv;

/** Classes, instructions, tags and status words (applet/EMV.md; EMV 4.3 Book 3, 6.3). */
final class Codes {
    static final byte CLA_INTERINDUSTRY = 0x00;
    static final byte CLA_PROPRIETARY = (byte) 0x80;

    static final byte INS_GENERATE_KEY = 0x47;
    static final byte INS_GET_RESPONSE = (byte) 0xC0;
    static final byte INS_INTERNAL_AUTHENTICATE = (byte) 0x88;
    static final byte INS_SELECT = (byte) 0xA4;
    static final byte INS_GET_PROCESSING_OPTIONS = (byte) 0xA8;
    static final byte INS_GENERATE_AC = (byte) 0xAE;
    static final byte INS_READ_RECORD = (byte) 0xB2;
    static final byte INS_GET_DATA = (byte) 0xCA;
    static final byte INS_STORE_DATA = (byte) 0xE2;
    static final byte INS_RELAY_RESISTANCE = (byte) 0xEA;

    static final byte P1_BY_AID = 0x04;

    static final short SW_BYTES_REMAINING = 0x6100;
    static final short SW_WRONG_LENGTH = 0x6700;
    static final short SW_SECURE_MESSAGING_NOT_SUPPORTED = 0x6882;
    static final short SW_CONDITIONS_NOT_SATISFIED = 0x6985;
    static final short SW_WRONG_DATA = 0x6A80;
    static final short SW_FUNCTION_NOT_SUPPORTED = 0x6A81;
    static final short SW_FILE_NOT_FOUND = 0x6A82;
    static final short SW_RECORD_NOT_FOUND = 0x6A83;
    static final short SW_NOT_ENOUGH_MEMORY = 0x6A84;
    static final short SW_INCORRECT_P1_P2 = 0x6A86;
    static final short SW_REFERENCE_NOT_FOUND = 0x6A88;
    static final short SW_INSTRUCTION_NOT_SUPPORTED = 0x6D00;
    static final short SW_CLASS_NOT_SUPPORTED = 0x6E00;
    static final short SW_UNKNOWN = 0x6F00;

    private Codes() {
    }
}
