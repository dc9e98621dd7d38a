package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * What the payment applications answer, the same for all cards: FCI, PPSE and record 2, and how
 * data objects are written (EMV 4.3 Books 1 and 3; EMV Contactless Book B 2.6, 3.3.1).
 */
final class Emv {
    /** 6F { 84 AID, A5 { 50 "TAPBENCH", 87 01, 9F38 PDOL } }. */
    static final byte[] FCI = {
        0x6F, 0x2E, (byte) 0x84, 0x0A, (byte) 0xF0, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H', 0x02,
        (byte) 0xA5, 0x20, 0x50, 0x08, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H',
        (byte) 0x87, 0x01, 0x01,
        (byte) 0x9F, 0x38, 0x10, (byte) 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02, (byte) 0x9A, 0x03,
        (byte) 0x9C, 0x01, (byte) 0x9F, 0x37, 0x04, (byte) 0x9F, 0x16, 0x0F};

    /** The offline application's: its PDOL has DF25, DF26 and DF27 too, and no date. */
    static final byte[] OFFLINE_FCI = {
        0x6F, 0x35, (byte) 0x84, 0x0A, (byte) 0xF0, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H', 0x03,
        (byte) 0xA5, 0x27, 0x50, 0x08, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H',
        (byte) 0x87, 0x01, 0x01,
        (byte) 0x9F, 0x38, 0x17, (byte) 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02,
        (byte) 0x9C, 0x01, (byte) 0x9F, 0x37, 0x04, (byte) 0x9F, 0x16, 0x0F,
        (byte) 0xDF, 0x25, 0x04, (byte) 0xDF, 0x26, 0x20, (byte) 0xDF, 0x27, 0x01};

    /** 6F { 84 name, A5 { BF0C { 61 { 4F AID, 50 "TAPBENCH", 87 01 } } } }. */
    static final byte[] PPSE = {
        0x6F, 0x30, (byte) 0x84, 0x0E, '2', 'P', 'A', 'Y', '.', 'S', 'Y', 'S', '.', 'D', 'D', 'F',
        '0', '1', (byte) 0xA5, 0x1E, (byte) 0xBF, 0x0C, 0x1B, 0x61, 0x19,
        0x4F, 0x0A, (byte) 0xF0, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H', 0x02,
        0x50, 0x08, 'T', 'A', 'P', 'B', 'E', 'N', 'C', 'H', (byte) 0x87, 0x01, 0x01};

    /** 70 { 8C CDOL1, 8D CDOL2, 8E no CVM, 9F07 usage, 9F0D, 9F0E, 9F0F action codes }. */
    static final byte[] RECORD_2 = {
        0x70, 0x51, (byte) 0x8C, 0x1B, (byte) 0x9F, 0x02, 0x06, (byte) 0x9F, 0x03, 0x06,
        (byte) 0x9F, 0x1A, 0x02, (byte) 0x95, 0x05, 0x5F, 0x2A, 0x02, (byte) 0x9A, 0x03,
        (byte) 0x9C, 0x01, (byte) 0x9F, 0x37, 0x04, (byte) 0x9F, 0x35, 0x01, (byte) 0x9F, 0x16,
        0x0F, (byte) 0x8D, 0x09, (byte) 0x8A, 0x02, (byte) 0x91, 0x08, (byte) 0x95, 0x05,
        (byte) 0x9F, 0x37, 0x04, (byte) 0x8E, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0x1F, 0,
        (byte) 0x9F, 0x07, 0x02, 0x3D, 0,
        (byte) 0x9F, 0x0D, 0x05, (byte) 0xFC, (byte) 0xF8, (byte) 0xFC, (byte) 0xF8, (byte) 0xF0,
        (byte) 0x9F, 0x0E, 0x05, 0, 0, 0, 0, 0,
        (byte) 0x9F, 0x0F, 0x05, (byte) 0xFC, (byte) 0xF8, (byte) 0xFC, (byte) 0xF8, (byte) 0xF0};

    /** AIP: cardholder verification, terminal risk management, relay resistance. */
    static final byte[] AIP = {0x18, 0x01};

    /** 82 AIP, 94 SFI 1, records 1 to 3. */
    static final byte[] OPTIONS = {
        (byte) 0x82, 0x02, 0x18, 0x01, (byte) 0x94, 0x04, 0x08, 0x01, 0x03, 0x00};

    /** 82 AIP, 94 SFI 1, record 1. */
    static final byte[] OFFLINE_OPTIONS = {
        (byte) 0x82, 0x02, 0x18, 0x01, (byte) 0x94, 0x04, 0x08, 0x01, 0x01, 0x00};

    /** 8C CDOL1: 9F37 04. */
    static final byte[] OFFLINE_CDOL1 = {(byte) 0x8C, 0x03, (byte) 0x9F, 0x37, 0x04};

    static final short TRACK_2 = 0x57;
    static final short PAN = 0x5A;
    static final short EXPIRATION = 0x5F24;
    static final short SEQUENCE = 0x5F34;
    static final short CURRENCY = (short) 0x9F42;
    static final short CID = (short) 0x9F27;
    static final short DYNAMIC_SIGNATURE = (short) 0x9F4B;
    static final short ATC = (short) 0x9F36;
    static final short CRYPTOGRAM = (short) 0x9F26;
    static final short IAD = (short) 0x9F10;

    /** The template of GET PROCESSING OPTIONS' data. */
    static final byte COMMAND_TEMPLATE = (byte) 0x83;

    private static final byte RECORD = 0x70;
    private static final byte FORMAT_2 = 0x77;
    private static final byte LONG_LENGTH = (byte) 0x81;

    private static final byte SFI = 1;
    private static final byte BY_NUMBER = 0x04;

    private Emv() {
    }

    /** Refuses READ RECORD of what isn't one of so many records of SFI 1: 6A86, 6A82 or 6A83. */
    static void checkRecord(byte p1, byte p2, byte records) {
        if ((byte) (p2 & 0x07) != BY_NUMBER) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        } else if ((byte) ((p2 >> 3) & 0x1F) != SFI) {
            ISOException.throwIt(Wire.SW_FILE_NOT_FOUND);
        } else if (p1 < 1 || p1 > records) {
            ISOException.throwIt(Wire.SW_RECORD_NOT_FOUND);
        }
    }

    /** Writes a constant and returns its length. */
    static short write(byte[] constant, byte[] out) {
        return Util.arrayCopyNonAtomic(constant, (short) 0, out, (short) 0,
            (short) constant.length);
    }

    /** Writes a tag of one or two bytes and a length below 256, and returns where they end. */
    static short head(short tag, short len, byte[] out, short at) {
        if ((byte) (tag >> 8) != 0) {
            out[at++] = (byte) (tag >> 8);
        }
        out[at++] = (byte) tag;
        if (len > 127) {
            out[at++] = LONG_LENGTH;
        }
        out[at++] = (byte) len;
        return at;
    }

    /** Writes one data object and returns where it ends. */
    static short put(short tag, byte[] value, short off, short len, byte[] out, short at) {
        return Util.arrayCopyNonAtomic(value, off, out, head(tag, len, out, at), len);
    }

    /** Puts objects that lie at a buffer's beginning into template 70; the whole length. */
    static short record(byte[] out, short len) {
        return template(RECORD, out, len);
    }

    /** Puts them into template 77. */
    static short answer(byte[] out, short len) {
        return template(FORMAT_2, out, len);
    }

    private static short template(byte tag, byte[] out, short len) {
        short head = (short) (len > 127 ? 3 : 2);
        short end = Util.arrayCopyNonAtomic(out, (short) 0, out, head, len);
        out[0] = tag;
        out[1] = LONG_LENGTH;
        out[(short) (head - 1)] = (byte) len;
        return end;
    }
}
