package tapbench.emv;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * The payment application of a contactless card (applet/EMV.md, profile contactless). Installed
 * under the AID in the parameters.
 */
public final class ContactlessApplet extends CardApplet {
    private static final short ROOM = 1536; // bytes of data groupings
    private static final byte MAKES_KEY = (byte) 0x80;

    final CardKeys keys;
    final Algorithms algorithms;
    final Counters counters;
    private final Relay relay;
    private final TransactionCommands transaction;
    private final CryptogramCommand cryptogram;

    private ContactlessApplet(DataGroups groups, Memory ram, CardKeys keys,
            Algorithms algorithms) {
        super(groups, ram, new PaymentRules(groups, keys));
        this.keys = keys;
        this.algorithms = algorithms;
        counters = new Counters();
        DynamicData signed = new DynamicData(algorithms, keys);
        Terminal terminal = new Terminal(groups, ram);
        relay = new Relay(groups, ram, algorithms);
        transaction = new TransactionCommands(groups, ram, counters, terminal, signed, relay);
        cryptogram = new CryptogramCommand(groups, ram, counters, terminal, algorithms, signed,
            relay);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        Algorithms algorithms = new Algorithms();
        new ContactlessApplet(new DataGroups(ROOM), new Memory(Memory.TAP_LEN, Memory.WORK_LEN),
            new CardKeys(algorithms), algorithms).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    boolean has(byte cla, byte ins) {
        if (!groups.areClosed()) {
            return cla == Codes.CLA_INTERINDUSTRY && ins == Codes.INS_GENERATE_KEY;
        }
        if (cla == Codes.CLA_INTERINDUSTRY) {
            return ins == Codes.INS_READ_RECORD || ins == Codes.INS_INTERNAL_AUTHENTICATE;
        }
        return ins == Codes.INS_GET_PROCESSING_OPTIONS || ins == Codes.INS_GENERATE_AC
            || ins == Codes.INS_GET_DATA || ins == Codes.INS_RELAY_RESISTANCE && relay.isThere();
    }

    @Override
    short act(byte ins, byte[] buffer, short off, short len) {
        switch (ins) {
            case Codes.INS_GENERATE_KEY:
                return generateKey(buffer, len);
            case Codes.INS_READ_RECORD:
                return transaction.readRecord(buffer, len);
            case Codes.INS_GET_DATA:
                return transaction.getData(buffer, len);
            case Codes.INS_RELAY_RESISTANCE:
                return transaction.exchange(buffer, off, len);
            case Codes.INS_INTERNAL_AUTHENTICATE:
                return transaction.authenticate(buffer, off, len);
            case Codes.INS_GET_PROCESSING_OPTIONS:
                return transaction.options(buffer, off, len);
            default:
                CryptogramCommand.checkParameters(buffer);
                TransactionCommands.checkLength(len, transaction.valuesLen(PaymentRules.CDOL1));
                transaction.checkStage();
                return cryptogram.generate(buffer, off, len);
        }
    }

    /** GENERATE ASYMMETRIC KEY PAIR (00 47 8000, no data): answers the public key. */
    private short generateKey(byte[] buffer, short len) {
        if (Util.getShort(buffer, ISO7816.OFFSET_P1) != (short) (MAKES_KEY << 8)) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        }
        TransactionCommands.checkLength(len, (short) 0);
        return keys.make(ram.answer);
    }
}
