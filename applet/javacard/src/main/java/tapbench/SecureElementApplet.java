package tapbench;

import javacard.framework.ISOException;

/**
 * The management application of applet/PROTOCOL.md: dispatch and nothing else. It is installed
 * before the other applications, and makes the element that they share.
 */
public final class SecureElementApplet extends Application {
    private static final byte INTER = CommandTable.INTER;
    private static final byte CHAINS = CommandTable.CHAINS;
    private static final byte OPEN = (byte) (CommandTable.OPEN | CommandTable.LOCKED);
    private static final byte LOCKED = CommandTable.LOCKED;
    private static final byte FRESH = CommandTable.FRESH;
    private static final byte PERSON = CommandTable.PERSON;
    private static final byte OWN = CommandTable.OWN;
    private static final byte BANKS = (byte) Wire.BANK_SLOTS;
    private static final byte CERTS = (byte) (2 * Wire.CERTIFICATE_LEN & 0xFF);

    /** The commands, in PROTOCOL.md's order. */
    private static final byte[] COMMANDS = {
        INTER | LOCKED, Wire.INS_GET_DATA, OWN, 1, 0, 0,
        FRESH, Wire.INS_GENERATE_SE_KEY, 1, 1, 0, 0,
        FRESH, Wire.INS_PERSONALISE, 1, 1, 0, (byte) PersonaliseCommands.DATA_LEN,
        INTER | OPEN | PERSON, Wire.INS_GET_CHALLENGE, 1, 1, 0, 0,
        INTER | OPEN | PERSON, Wire.INS_EXTERNAL_AUTHENTICATE, 1, 1, 0, (byte) Wire.MAC_LEN,
        PERSON, Wire.INS_CREATE_USER, 1, 1, 0, (byte) Wire.USER_ID_LEN,
        PERSON | CHAINS, Wire.INS_OPEN_ACCOUNT, BANKS, 1, 1, CERTS,
        PERSON, Wire.INS_BIND_AK, BANKS, 1, 0, (byte) Wire.POINT_LEN,
        PERSON | LOCKED, Wire.INS_PUT_REFERENCE, BANKS, 1, 0, (byte) LaunchCommands.REFERENCE_LEN,
        PERSON | LOCKED, Wire.INS_LAUNCH, Wire.LAUNCH_BANK + 1, 1, -1, -1,
        PERSON, Wire.INS_AID_REQUEST, BANKS, 1, 0, 0,
        PERSON, Wire.INS_AID_REPLY, BANKS, 1, 0, (byte) AccountCommands.REPLY_LEN,
        PERSON, Wire.INS_AID_KEYS, BANKS, 1, 0, 0,
        PERSON | CHAINS, Wire.INS_AID_GRANT, BANKS, 1,
        AccountCommands.GRANT_LEN >> 8, (byte) AccountCommands.GRANT_LEN,
        PERSON, Wire.INS_AID_CLOSE, BANKS, 1, 0, 0,
    };

    private final DataObjects data;
    private final PersonaliseCommands personalise;
    private final UserCommands user;
    private final LaunchCommands launch;
    private final AccountCommands account;

    private SecureElementApplet(Element element) {
        super(element, COMMANDS);
        data = new DataObjects(element);
        personalise = new PersonaliseCommands(element);
        user = new UserCommands(element);
        launch = new LaunchCommands(element);
        account = new AccountCommands(element);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        new SecureElementApplet(new Element()).register(parameters, (short) (off + 1),
            parameters[off]);
    }

    @Override
    short select(byte[] out) {
        return 0;
    }

    @Override
    void checkParameters(byte ins, byte p1, byte p2) {
        DataObjects.checkTag(p1, p2);
    }

    @Override
    boolean isLength(byte ins, byte p1, short len) {
        return LaunchCommands.isLength(p1, len);
    }

    @Override
    short act(byte ins, byte p1, byte p2, short len) {
        switch (ins) {
            case Wire.INS_GET_DATA:
                return data.get(p1, p2, element.ram.buffer);
            case Wire.INS_GENERATE_SE_KEY:
                return personalise.generateSEKey();
            case Wire.INS_PERSONALISE:
                return personalise.personalise();
            case Wire.INS_GET_CHALLENGE:
                return personalise.getChallenge();
            case Wire.INS_EXTERNAL_AUTHENTICATE:
                return personalise.externalAuthenticate();
            case Wire.INS_CREATE_USER:
                return user.createUser();
            case Wire.INS_OPEN_ACCOUNT:
                return user.openAccount(p1);
            case Wire.INS_BIND_AK:
                return user.bindAK(p1);
            case Wire.INS_PUT_REFERENCE:
                return launch.putReference(p1);
            case Wire.INS_LAUNCH:
                return launch.launch(p1);
            case Wire.INS_AID_REQUEST:
                return account.request(p1);
            case Wire.INS_AID_REPLY:
                return account.reply(p1, len);
            case Wire.INS_AID_KEYS:
                return account.keys(p1);
            case Wire.INS_AID_GRANT:
                return account.grant(p1, len);
            case Wire.INS_AID_CLOSE:
                return account.close(p1);
            default:
                ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
                return 0;
        }
    }
}
