package tapbench.emv;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands of a transaction but its cryptogram (EMV 4.3 Book 3, 6.5). */
final class TransactionCommands {
    private static final short FORMAT_2 = 0x77;
    private static final short TEMPLATE = 0x83; // of GET PROCESSING OPTIONS' data
    private static final short SIGNATURE = (short) 0x9F4B;
    private static final short ATC = (short) 0x9F36;
    private static final short LAST_ONLINE = (short) 0x9F13;
    private static final byte BY_NUMBER = 0x04;
    private static final short LARGEST_FILE = 30;

    private final DataGroups groups;
    private final Memory ram;
    private final Counters counters;
    private final Terminal terminal;
    private final DynamicData signed;
    private final Relay relay;

    TransactionCommands(DataGroups groups, Memory ram, Counters counters, Terminal terminal,
            DynamicData signed, Relay relay) {
        this.groups = groups;
        this.ram = ram;
        this.counters = counters;
        this.terminal = terminal;
        this.signed = signed;
        this.relay = relay;
    }

    /** Refuses P1 and P2 that aren't 0000. */
    static void checkNone(byte[] buffer) {
        if (Util.getShort(buffer, ISO7816.OFFSET_P1) != 0) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        }
    }

    /** Refuses another length. */
    static void checkLength(short len, short wanted) {
        if (len != wanted) {
            ISOException.throwIt(Codes.SW_WRONG_LENGTH);
        }
    }

    /** Refuses what isn't between GET PROCESSING OPTIONS and the cryptogram. */
    void checkStage() {
        if (ram.tap[Memory.STAGE] != Memory.INITIATED) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
    }

    /** Returns how long the values of a list are; 0 if there is no such list. */
    short valuesLen(short list) {
        short at = groups.find(list);
        return at == DataGroups.NONE ? 0
            : Dol.valuesLen(groups.bytes, at, groups.length(at));
    }

    /**
     * GET PROCESSING OPTIONS (80 A8 0000): 83 { the values that the PDOL asks for }. It begins a
     * transaction, once a selection. Answer: 77 { 82 AIP, 94 AFL }.
     */
    short options(byte[] buffer, short off, short len) {
        checkNone(buffer);
        short values = valuesLen(PaymentRules.PDOL);
        checkLength(len, (short) (2 + values));
        if (ram.tap[Memory.STAGE] != Memory.SELECTED || counters.areUsedUp()) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
        if (buffer[off] != (byte) TEMPLATE || buffer[(short) (off + 1)] != values) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
        Util.arrayCopyNonAtomic(buffer, (short) (off + 2), ram.tap, Memory.PDOL, values);
        if (terminal.offered(Terminal.AMOUNT, Terminal.AMOUNT_LEN, ram.work, (short) 0)
            && !Bcd.areDigits(ram.work, (short) 0, Terminal.AMOUNT_LEN)) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
        relay.begin();
        counters.begin(ram.work, (short) 0);
        ram.tap[Memory.STAGE] = Memory.INITIATED;
        short from = groups.find(PaymentRules.OPTIONS);
        short end = Tlv.head(FORMAT_2, groups.length(from), ram.answer, (short) 0);
        return Util.arrayCopyNonAtomic(groups.bytes, from, ram.answer, end, groups.length(from));
    }

    /** READ RECORD (00 B2, P1 number, P2 file and 100). Answer: the record. */
    short readRecord(byte[] buffer, short len) {
        byte number = buffer[ISO7816.OFFSET_P1];
        byte p2 = buffer[ISO7816.OFFSET_P2];
        short file = (short) ((p2 >> 3) & 0x1F);
        if (number == 0 || file == 0 || file > LARGEST_FILE || (byte) (p2 & 0x07) != BY_NUMBER) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        }
        checkLength(len, (short) 0);
        short id = (short) ((short) (file << 8) | (short) (number & 0xFF));
        short at = groups.find(id);
        if (at == DataGroups.NONE) {
            ISOException.throwIt(groups.hasFile(file) ? Codes.SW_RECORD_NOT_FOUND
                : Codes.SW_FILE_NOT_FOUND);
            return 0;
        }
        return Util.arrayCopyNonAtomic(groups.bytes, at, ram.answer, (short) 0, groups.length(at));
    }

    /** GET DATA (80 CA tag, no data): 9F36, or 9F13, which is 0000: none was ever online. */
    short getData(byte[] buffer, short len) {
        checkLength(len, (short) 0);
        short tag = Util.getShort(buffer, ISO7816.OFFSET_P1);
        if (tag != ATC && tag != LAST_ONLINE) {
            ISOException.throwIt(Codes.SW_REFERENCE_NOT_FOUND);
        }
        short at = Tlv.head(tag, Counters.ATC_LEN, ram.answer, (short) 0);
        if (tag == ATC) {
            return Util.arrayCopyNonAtomic(counters.bytes, Counters.ATC, ram.answer, at,
                Counters.ATC_LEN);
        }
        return Util.setShort(ram.answer, at, (short) 0);
    }

    /** EXCHANGE RELAY RESISTANCE DATA: {@link Relay#exchange}. */
    short exchange(byte[] buffer, short off, short len) {
        checkNone(buffer);
        checkLength(len, Relay.ENTROPY_LEN);
        checkStage();
        return relay.exchange(buffer, off);
    }

    /**
     * INTERNAL AUTHENTICATE (00 88 0000): the values that the DDOL asks for, without one 9F37 [4].
     * Answer: 77 { 9F4B } (EMV 4.3 Book 2, 6.5.1).
     */
    short authenticate(byte[] buffer, short off, short len) {
        checkNone(buffer);
        short list = groups.find(PaymentRules.DDOL);
        checkLength(len, list == DataGroups.NONE ? Terminal.NUMBER_LEN
            : valuesLen(PaymentRules.DDOL));
        checkStage();
        short object = (short) (Tlv.headLen(SIGNATURE, CardKeys.MODULUS_LEN)
            + CardKeys.MODULUS_LEN);
        short at = Tlv.head(FORMAT_2, object, ram.answer, (short) 0);
        at = Tlv.head(SIGNATURE, CardKeys.MODULUS_LEN, ram.answer, at);
        signed.begin(ram.work, false, (short) 0);
        at = signed.sign(ram.work, buffer, off, len, ram.answer, at);
        ram.tap[Memory.SIGNED] = 1;
        return at;
    }
}
