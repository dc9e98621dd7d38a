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
    private static final byte AGREES = CommandTable.AGREES;
    private static final byte OWN = CommandTable.OWN;
    private static final byte BANKS = (byte) Wire.BANK_SLOTS;
    private static final byte TIDS = (byte) Wire.TID_SLOTS;
    private static final byte CARDS = (byte) Wire.CARD_SLOTS;
    private static final byte TOKENS = (byte) Wire.TOKEN_SLOTS;
    private static final byte CERTS = (byte) (2 * Wire.CERTIFICATE_LEN & 0xFF);

    /** The commands, in PROTOCOL.md's order. */
    private static final byte[] COMMANDS = {
        INTER | LOCKED, Wire.INS_GET_DATA, OWN, 1, 0, 0,
        FRESH, Wire.INS_GENERATE_SE_KEY, 1, 1, 0, 0,
        FRESH, Wire.INS_PERSONALISE, 1, 1, 0, (byte) PersonaliseCommands.DATA_LEN,
        INTER | OPEN | PERSON, Wire.INS_GET_CHALLENGE, 1, 1, 0, 0,
        INTER | OPEN | PERSON, Wire.INS_EXTERNAL_AUTHENTICATE, 1, 1, 0, (byte) Wire.MAC_LEN,
        PERSON, Wire.INS_CREATE_USER, 1, 1, 0, (byte) Wire.USER_ID_LEN,
        PERSON | CHAINS | AGREES, Wire.INS_OPEN_ACCOUNT, BANKS, 1, 1, CERTS,
        PERSON, Wire.INS_BIND_AK, BANKS, 1, 0, (byte) Wire.POINT_LEN,
        PERSON | LOCKED, Wire.INS_PUT_REFERENCE, BANKS, 1, 0, (byte) LaunchCommands.REFERENCE_LEN,
        PERSON | LOCKED, Wire.INS_LAUNCH, Wire.LAUNCH_BANK + 1, 1, -1, -1,
        PERSON, Wire.INS_AID_REQUEST, BANKS, 1, 0, 0,
        PERSON, Wire.INS_AID_REPLY, BANKS, 1, 0, (byte) AccountCommands.REPLY_LEN,
        PERSON, Wire.INS_AID_KEYS, BANKS, 1, 0, 0,
        PERSON | CHAINS, Wire.INS_AID_GRANT, BANKS, 1,
        AccountCommands.GRANT_LEN >> 8, (byte) AccountCommands.GRANT_LEN,
        PERSON, Wire.INS_AID_CLOSE, BANKS, 1, 0, 0,
        PERSON | CHAINS, Wire.INS_TID_REGISTER, TIDS, BANKS,
        RegistrationCommands.REGISTER_LEN >> 8, (byte) RegistrationCommands.REGISTER_LEN,
        PERSON, Wire.INS_TID_REPLY, TIDS, 1, 0, (byte) RegistrationCommands.REPLY_LEN,
        PERSON, Wire.INS_BINFO, TIDS, 1, 0, (byte) RegistrationCommands.BINFO_LEN,
        PERSON, Wire.INS_TSMINFO, TIDS, 1, 0, (byte) Wire.HASH_LEN,
        PERSON, Wire.INS_TID_STATUS, TIDS, 1, 0, (byte) RegistrationCommands.STATUS_LEN,
        PERSON, Wire.INS_TID_CLOSE, TIDS, 1, 0, 0,
        PERSON, Wire.INS_PUT_EPOCH_KEY, TIDS, 1, 0, (byte) Wire.CERTIFICATE_LEN,
        PERSON, Wire.INS_CARD_REQUEST, OWN, 1, 0, 0,
        PERSON, Wire.INS_CARD_PUT, CARDS, 1, 0, (byte) CardCommands.PUT_LEN,
        PERSON, Wire.INS_PUT_EPOCH, TIDS, 1, 0, (byte) CardCommands.EPOCH_LEN,
        PERSON, Wire.INS_TOKEN_NEW, TOKENS, TIDS, 0, (byte) TokenCommands.NEW_LEN,
        PERSON, Wire.INS_TOKEN_CHAIN, TOKENS, 1, 0, 0,
        PERSON, Wire.INS_TOKEN_REQUEST, TOKENS, 1, 0, 0,
        PERSON, Wire.INS_TOKEN_PUT, TOKENS, 1, 0, (byte) TokenCommands.PUT_LEN,
        PERSON, Wire.INS_TOKEN_CLOSE, TOKENS, 1, 0, 0,
        PERSON, Wire.INS_TOKEN_SHOW, TOKENS, 1, 0, 0,
        PERSON, Wire.INS_ARM, (Wire.ARM_MUTUAL | Wire.ARM_REUSE) + 1, 1,
        0, (byte) ArmCommands.DATA_LEN,
        PERSON | LOCKED, Wire.INS_DISARM, 1, 1, 0, 0,
    };

    /** What the applications installed after this one share; each keeps it. */
    private static Element shared;

    private final DataObjects data;
    private final PersonaliseCommands personalise;
    private final UserCommands user;
    private final LaunchCommands launch;
    private final AccountCommands account;
    private final RegistrationCommands registration;
    private final CardCommands card;
    private final TokenCommands token;
    private final ArmCommands arm;

    private SecureElementApplet(Element element) {
        super(element, COMMANDS);
        data = new DataObjects(element);
        personalise = new PersonaliseCommands(element);
        user = new UserCommands(element);
        launch = new LaunchCommands(element);
        account = new AccountCommands(element);
        registration = new RegistrationCommands(element);
        card = new CardCommands(element);
        token = new TokenCommands(element);
        arm = new ArmCommands(element);
    }

    /** Installs the application under the AID in the parameters. */
    public static void install(byte[] parameters, short off, byte len) {
        Element element = new Element();
        new SecureElementApplet(element).register(parameters, (short) (off + 1),
            parameters[off]);
        shared = element;
    }

    /** Returns the element for an application that is being installed. None yet: 6985. */
    static Element shared() {
        if (shared == null) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        }
        return shared;
    }

    @Override
    short select(byte[] out) {
        return 0;
    }

    @Override
    void checkParameters(byte ins, byte p1, byte p2) {
        if (ins == Wire.INS_CARD_REQUEST) {
            CardCommands.checkParameters(p1, p2);
        } else {
            DataObjects.checkTag(p1, p2);
        }
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
                return actForTSM(ins, p1, p2, len);
        }
    }

    /** The commands towards a TSM, and arming. */
    private short actForTSM(byte ins, byte p1, byte p2, short len) {
        switch (ins) {
            case Wire.INS_TID_REGISTER:
                return registration.register(p1, p2);
            case Wire.INS_TID_REPLY:
                return registration.reply(p1, len);
            case Wire.INS_BINFO:
                return registration.binfo(p1);
            case Wire.INS_TSMINFO:
                return registration.tsminfo(p1);
            case Wire.INS_TID_STATUS:
                return registration.status(p1, len);
            case Wire.INS_TID_CLOSE:
                return registration.close(p1);
            case Wire.INS_PUT_EPOCH_KEY:
                return card.putEpochKey(p1);
            case Wire.INS_CARD_REQUEST:
                return card.request(p1, p2);
            case Wire.INS_CARD_PUT:
                return card.put(p1, len);
            case Wire.INS_PUT_EPOCH:
                return card.putEpoch(p1);
            case Wire.INS_ARM:
                return arm.arm(p1);
            case Wire.INS_DISARM:
                return arm.disarm();
            default:
                return actForTokens(ins, p1, p2, len);
        }
    }

    /** The commands of offline tokens. */
    private short actForTokens(byte ins, byte p1, byte p2, short len) {
        switch (ins) {
            case Wire.INS_TOKEN_NEW:
                return token.make(p1, p2);
            case Wire.INS_TOKEN_CHAIN:
                return token.chain(p1);
            case Wire.INS_TOKEN_REQUEST:
                return token.request(p1);
            case Wire.INS_TOKEN_PUT:
                return token.put(p1, len);
            case Wire.INS_TOKEN_CLOSE:
                return token.close(p1);
            case Wire.INS_TOKEN_SHOW:
                return token.show(p1);
            default:
                ISOException.throwIt(Wire.SW_INSTRUCTION_NOT_SUPPORTED);
                return 0;
        }
    }
}
