package tapbench.emv;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** GENERATE AC (EMV 4.3 Book 3, 6.5.5), of which there is one a transaction. */
final class CryptogramCommand {
    /** Types of cryptograms, in P1 and in the CID; and the bit that asks for a signature. */
    private static final byte AAC = 0x00;
    private static final byte TC = 0x40;
    private static final byte ARQC = (byte) 0x80;
    private static final byte TYPES = (byte) 0xC0;
    private static final byte SIGNED = 0x10;

    private static final short FORMAT_2 = 0x77;
    private static final short CID = (short) 0x9F27;
    private static final short ATC = (short) 0x9F36;
    private static final short CRYPTOGRAM = (short) 0x9F26;
    private static final short IAD = (short) 0x9F10;
    private static final short SIGNATURE = (short) 0x9F4B;

    /** What CID and ATC have with their heads. */
    private static final short OBJECTS_LEN = 9;

    /** Issuer application data: 06 || key index || 12 || 03 || card verification results [3]. */
    private static final short IAD_LEN = 7;
    private static final byte IAD_FOLLOWS = 6;
    private static final byte VERSION = 0x12; // 18
    private static final byte RESULTS_LEN = 3;

    /** Bits of the card verification results, by their byte. */
    private static final byte NO_SECOND = (byte) 0x80; // 1
    private static final byte EXCEEDED = 0x20; // 2
    private static final byte NEVER_ONLINE = 0x10; // 2
    private static final byte SDA_FAILED = 0x01; // 2
    private static final byte DDA_FAILED = 0x04; // 3
    private static final byte HAS_SIGNED = 0x02; // 3

    /** The first bit of the AIP's first byte: the card signs cryptograms. */
    private static final byte AIP_CDA = 0x01;
    private static final short AIP_LEN = 2;

    /** Places in the answer's last bytes, which no answer of this command reaches. */
    private static final short NEXT = (short) (Memory.ANSWER_LEN - Counters.NEXT_LEN);
    private static final short AC = (short) (NEXT - Cryptograms.LEN);
    private static final short NUMBER = (short) (AC - Terminal.NUMBER_LEN);

    /** And in the work array, before the block to sign is made there. */
    private static final short AMOUNT = 0;
    private static final short OTHER = Terminal.AMOUNT_LEN;

    private final DataGroups groups;
    private final Memory ram;
    private final Counters counters;
    private final Risk risk;
    private final Terminal terminal;
    private final Cryptograms cryptograms;
    private final DynamicData signed;
    private final Relay relay;

    CryptogramCommand(DataGroups groups, Memory ram, Counters counters, Terminal terminal,
            Algorithms algorithms, DynamicData signed, Relay relay) {
        this.groups = groups;
        this.ram = ram;
        this.counters = counters;
        this.signed = signed;
        this.relay = relay;
        risk = new Risk(groups, counters);
        this.terminal = terminal;
        cryptograms = new Cryptograms(algorithms);
    }

    /** Refuses what isn't a type of cryptogram. */
    static void checkParameters(byte[] buffer) {
        byte p1 = buffer[ISO7816.OFFSET_P1];
        if ((byte) (p1 & TYPES) == TYPES || (byte) (p1 & ~(byte) (TYPES | SIGNED)) != 0
            || buffer[ISO7816.OFFSET_P2] != 0) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        }
    }

    /**
     * GENERATE AC (80 AE, P1 type and whether to sign, P2 00): the values that CDOL1 asks for.
     * Answer: 77 { 9F27, 9F36, 9F26, 9F10 } or, signed, 77 { 9F27, 9F36, 9F10, 9F4B }.
     */
    short generate(byte[] buffer, short off, short len) {
        byte p1 = buffer[ISO7816.OFFSET_P1];
        boolean exceeds = consider(buffer, off);
        byte type = (byte) (p1 & TYPES);
        if (type == TC && (exceeds || risk.wantsOnlineNew())) {
            type = ARQC;
        }
        boolean isSigned = (byte) (p1 & SIGNED) != 0 && type != AAC
            && (byte) (groups.bytes[aip()] & AIP_CDA) != 0
            && terminal.value(Terminal.NUMBER, Terminal.NUMBER_LEN, buffer, off, ram.answer, NUMBER);
        terminal.value(Terminal.RESULTS, Terminal.RESULTS_LEN, buffer, off, ram.work, OTHER);
        byte failures = Risk.failures(ram.work, OTHER);
        short end = isSigned ? signedAnswer(type, exceeds, buffer, off, len)
            : answer(type, exceeds, buffer, off);
        if (type == TC) {
            counters.approve(ram.answer, NEXT);
        } else if (type == AAC) {
            counters.remember(failures);
        }
        ram.tap[Memory.STAGE] = Memory.DONE;
        return end;
    }

    /** Writes what would be counted, and says whether it exceeds a limit. */
    private boolean consider(byte[] buffer, short off) {
        byte[] work = ram.work;
        terminal.value(Terminal.AMOUNT, Terminal.AMOUNT_LEN, buffer, off, work, AMOUNT);
        if (!Bcd.areDigits(work, AMOUNT, Terminal.AMOUNT_LEN)) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
        }
        if (terminal.value(Terminal.CURRENCY, Terminal.CURRENCY_LEN, buffer, off, work, OTHER)
            && !risk.isCurrency(work, OTHER)) {
            Util.arrayFillNonAtomic(work, AMOUNT, Terminal.AMOUNT_LEN, (byte) 0);
        }
        counters.count(work, AMOUNT, ram.answer, NEXT);
        return risk.exceeds(ram.answer, NEXT);
    }

    private short aip() {
        return (short) (groups.find(PaymentRules.OPTIONS) + PaymentRules.AIP_AT);
    }

    /** Writes an answer with the cryptogram in clear. */
    private short answer(byte type, boolean exceeds, byte[] buffer, short off) {
        byte[] out = ram.answer;
        short cryptogram = (short) (Tlv.headLen(CRYPTOGRAM, Cryptograms.LEN) + Cryptograms.LEN);
        short iad = (short) (Tlv.headLen(IAD, IAD_LEN) + IAD_LEN);
        short at = begin(type, (short) (cryptogram + iad));
        short ac = Tlv.head(CRYPTOGRAM, Cryptograms.LEN, out, at);
        short end = issuerData(type, exceeds, false, (short) (at + cryptogram));
        compute(buffer, off, (short) (end - IAD_LEN), ac);
        return end;
    }

    /** Writes one with the cryptogram in the signature alone (EMV 4.3 Book 2, 6.6.1). */
    private short signedAnswer(byte type, boolean exceeds, byte[] buffer, short off, short len) {
        byte[] out = ram.answer;
        byte[] block = ram.work;
        short iad = (short) (Tlv.headLen(IAD, IAD_LEN) + IAD_LEN);
        short at = begin(type, (short) (iad + Tlv.headLen(SIGNATURE, CardKeys.MODULUS_LEN)
            + CardKeys.MODULUS_LEN));
        at = issuerData(type, exceeds, true, at);
        compute(buffer, off, (short) (at - IAD_LEN), AC);
        signed.begin(block, true, relay.exchangedLen());
        Util.arrayCopyNonAtomic(ram.tap, Memory.EXCHANGED, block, DynamicData.RELAY,
            relay.exchangedLen());
        block[DynamicData.CID] = type;
        Util.arrayCopyNonAtomic(out, AC, block, DynamicData.CRYPTOGRAM, Cryptograms.LEN);
        short pdol = groups.find(PaymentRules.PDOL);
        signed.beginHash();
        if (pdol != DataGroups.NONE) {
            signed.hash(ram.tap, Memory.PDOL,
                Dol.valuesLen(groups.bytes, pdol, groups.length(pdol)));
        }
        signed.hash(buffer, off, len);
        short objects = (short) (at - iad - OBJECTS_LEN);
        signed.finishHash(out, objects, (short) (at - objects), block);
        at = Tlv.head(SIGNATURE, CardKeys.MODULUS_LEN, out, at);
        return signed.sign(block, out, NUMBER, Terminal.NUMBER_LEN, out, at);
    }

    /** Writes the template, before so many bytes more than CID and ATC, and these; where they end. */
    private short begin(byte type, short more) {
        byte[] out = ram.answer;
        short at = Tlv.head(FORMAT_2, (short) (OBJECTS_LEN + more), out, (short) 0);
        at = Tlv.head(CID, (short) 1, out, at);
        out[at++] = type;
        at = Tlv.head(ATC, Counters.ATC_LEN, out, at);
        return Util.arrayCopyNonAtomic(counters.bytes, Counters.ATC, out, at, Counters.ATC_LEN);
    }

    /** Writes the issuer application data; where they end. */
    private short issuerData(byte type, boolean exceeds, boolean isSigned, short at) {
        byte[] out = ram.answer;
        byte failed = counters.failed();
        at = Tlv.head(IAD, IAD_LEN, out, at);
        out[at++] = IAD_FOLLOWS;
        out[at++] = risk.keyIndex();
        out[at++] = VERSION;
        out[at++] = RESULTS_LEN;
        out[at++] = (byte) (NO_SECOND | (byte) ((type & 0xFF) >> 2));
        out[at++] = (byte) (NEVER_ONLINE | (exceeds ? EXCEEDED : 0)
            | ((byte) (failed & Counters.SDA_FAILED) != 0 ? SDA_FAILED : 0));
        boolean signs = isSigned || ram.tap[Memory.SIGNED] != 0;
        out[at++] = (byte) ((signs ? HAS_SIGNED : 0)
            | ((byte) (failed & Counters.DDA_FAILED) != 0 ? DDA_FAILED : 0));
        return at;
    }

    /** Writes the cryptogram [8] over the terminal's values, AIP, ATC and issuer application data. */
    private void compute(byte[] buffer, short off, short iad, short at) {
        cryptograms.begin(counters.bytes, Counters.ATC, ram.work, (short) 0);
        short end = terminal.covered(buffer, off, ram.work, (short) 0);
        cryptograms.update(ram.work, (short) 0, end);
        cryptograms.update(groups.bytes, aip(), AIP_LEN);
        cryptograms.update(counters.bytes, Counters.ATC, Counters.ATC_LEN);
        cryptograms.update(ram.answer, iad, IAD_LEN);
        cryptograms.finish(ram.answer, at);
    }
}
