package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands of phase 2: a bank account ID, from its request to its end. */
final class AccountCommands {
    private static final byte PHASE_2 = 2;
    private static final short PREFIX_LEN = Wire.PREFIX_LEN;
    /** Where a body lies behind enc, and its fields behind its prefix. */
    private static final short BODY = Wire.POINT_LEN;
    private static final short FIELDS = (short) (BODY + PREFIX_LEN);

    static final short REPLY_LEN = (short) (144 + Wire.MAC_LEN);
    static final short GRANT_LEN = (short) (Wire.POINT_LEN + 176 + Wire.MAC_LEN);

    /** SID, account ID, n_B, limit, expiry: what a bank offers. */
    private static final short OFFER_LEN = (short) (Wire.SESSION_ID_LEN + Wire.ACCOUNT_ID_LEN
        + Wire.NONCE_LEN + Wire.LIMIT_LEN + Wire.EPOCH_LEN);
    private static final short KEYS_LEN = (short) (2 * Wire.POINT_LEN);
    private static final short X_LEN = (short) (Wire.PARTY_ID_LEN + Wire.HASH_LEN
        + 3 * Wire.POINT_LEN + Wire.ACCOUNT_ID_LEN + Wire.NONCE_LEN + Wire.LIMIT_LEN
        + Wire.EPOCH_LEN);

    private static final byte[] LAST_BLOCK = {1}; // HKDF-Expand's counter
    private static final byte[] MAC_NAME = {'M'};

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    AccountCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * AID REQUEST (80 30, bank slot, no data): starts the run anew. Slot EMPTY or GRANTED: 6985.
     * Answer: message 1 [209].
     */
    short request(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        byte before = bank[BankSlot.STATE];
        if (before == Wire.ACCOUNT_EMPTY || before == Wire.ACCOUNT_GRANTED) {
            return refuse();
        }
        Transcript.prefix(Wire.MSG_AID_REQUEST, buffer, BODY);
        short nonce = Util.arrayCopyNonAtomic(state.card, CardState.USER_ID, buffer, FIELDS,
            Wire.USER_ID_LEN);
        short mac = (short) (nonce + Wire.NONCE_LEN);
        short sig = (short) (mac + Wire.MAC_LEN);
        element.random(buffer, nonce, Wire.NONCE_LEN);
        requestMac(bank, mac);
        element.transcript.begin(PHASE_2, Wire.ROLE_BANK, bank, BankSlot.ID);
        Signing signing = element.signing;
        signing.begin(element.keys.get(Keys.USER), Wire.MSG_AID_REQUEST);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(buffer, FIELDS, Wire.USER_ID_LEN);
        signing.update(bank, BankSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(buffer, nonce, Wire.NONCE_LEN);
        signing.sign(buffer, sig);
        short len = element.envelope.seal(Wire.MSG_AID_REQUEST, bank, BankSlot.KEM, (short) 0,
            (short) (sig + Wire.SIGNATURE_LEN - BODY));
        element.transcript.next(buffer, (short) 0, len);
        setState(bank, Wire.ACCOUNT_REQUESTED);
        return len;
    }

    /** Writes the MAC over the prefix, ID_U and n_S, which lie before it. */
    private void requestMac(byte[] bank, short mac) {
        expandShared(bank, Wire.MSG_AID_REQUEST, MAC_NAME, (short) 0, (short) 1);
        SecureMessaging channel = element.channel;
        channel.setMacKey(ram.work, Transients.KEYS);
        channel.beginMac();
        channel.updateMac(ram.buffer, BODY, (short) (mac - BODY));
        channel.finishMac();
        Util.arrayCopyNonAtomic(ram.work, Transients.MAC, ram.buffer, mac, Wire.MAC_LEN);
    }

    /** Writes HKDF-Expand(K_B,U, type || label || name) [32] to {@link Transients#KEYS}. */
    private void expandShared(byte[] bank, byte type, byte[] name, short off, short len) {
        short end = Transcript.prefix(type, ram.work, Transients.CONTEXT);
        element.hmac.begin(bank, BankSlot.SHARED, Wire.SHARED_KEY_LEN);
        element.hmac.update(ram.work, Transients.CONTEXT, (short) (end - Transients.CONTEXT));
        element.hmac.update(name, off, len);
        element.hmac.finish(LAST_BLOCK, (short) 0, (short) 1, Transients.KEYS);
    }

    /**
     * AID REPLY (80 32, bank slot): message 2 [160]. Slot not REQUESTED: 6985. Makes both key
     * pairs. Answer: the offer [60] || PK_AID,sig [65] || PK_AID,kem [65].
     */
    short reply(byte slot, short len) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        if (bank[BankSlot.STATE] != Wire.ACCOUNT_REQUESTED) {
            return refuse();
        }
        element.transcript.next(bank, BankSlot.TH, buffer, (short) 0, len);
        expandShared(bank, Wire.MSG_AID_REPLY, bank, BankSlot.TH, Wire.HASH_LEN);
        element.channel.setKeys(ram.work, Transients.KEYS);
        short got = element.channel.open(SecureMessaging.FIRST, (short) 0, bank, BankSlot.TH,
            Wire.HASH_LEN, buffer, (short) 0, len);
        short offer = PREFIX_LEN;
        short end = (short) (offer + OFFER_LEN);
        element.envelope.checkPrefix(Wire.MSG_AID_REPLY, (short) 0, got,
            (short) (end + Wire.SIGNATURE_LEN));
        Signing signing = element.signing;
        signing.begin(bank, BankSlot.SIGN, Wire.MSG_AID_REPLY);
        signing.update(bank, BankSlot.TH, Wire.HASH_LEN);
        signing.update(buffer, offer, OFFER_LEN);
        signing.check(buffer, end);
        element.keys.make(Keys.FIRST, buffer, end);
        element.keys.make(Keys.SECOND, buffer, (short) (end + Wire.POINT_LEN));
        short account = (short) (offer + Wire.SESSION_ID_LEN);
        state.begin();
        element.keys.take(Keys.FIRST, (short) (Keys.BANK_SIGN + slot));
        element.keys.take(Keys.SECOND, (short) (Keys.BANK_KEM + slot));
        state.write(buffer, account, bank, BankSlot.FIELDS, BankSlot.ACCOUNT,
            (short) (end + KEYS_LEN - account));
        bank[BankSlot.STATE] = Wire.ACCOUNT_REPLIED;
        Util.arrayCopy(ram.work, Transients.TH, bank, BankSlot.TH, Wire.HASH_LEN);
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, offer, buffer, (short) 0,
            (short) (OFFER_LEN + KEYS_LEN));
    }

    /**
     * AID KEYS (80 34, bank slot, no data). Slot not REPLIED: 6985. Answer: message 3 [737], X and
     * three signatures over it.
     */
    short keys(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        if (bank[BankSlot.STATE] != Wire.ACCOUNT_REPLIED) {
            return refuse();
        }
        Transcript.prefix(Wire.MSG_AID_KEYS, buffer, BODY);
        short at = writeX(bank);
        signX(Wire.MSG_AID_POP, (short) (Keys.BANK_SIGN + slot), bank, at);
        at = Util.arrayCopyNonAtomic(state.card, CardState.CERT, buffer,
            (short) (at + Wire.SIGNATURE_LEN), Wire.CERTIFICATE_LEN);
        signX(Wire.MSG_AID_KEY, Keys.SE, bank, at);
        at += Wire.SIGNATURE_LEN;
        signX(Wire.MSG_AID_BIND, Keys.USER, bank, at);
        at += Wire.SIGNATURE_LEN;
        Util.arrayCopyNonAtomic(bank, BankSlot.TH, ram.work, Transients.TH, Wire.HASH_LEN);
        short len = element.envelope.seal(Wire.MSG_AID_KEYS, bank, BankSlot.KEM, (short) 0,
            (short) (at - BODY));
        element.transcript.next(buffer, (short) 0, len);
        setState(bank, Wire.ACCOUNT_KEYS_SENT);
        return len;
    }

    /** Writes what the element says of the new account, and returns where it ends. */
    private short writeX(byte[] bank) {
        byte[] buffer = ram.buffer;
        byte[] card = state.card;
        element.transcript.identify(card, CardState.USER_KEY, Wire.POINT_LEN);
        short at = Util.arrayCopyNonAtomic(bank, BankSlot.ID, buffer, FIELDS, Wire.PARTY_ID_LEN);
        at = Util.arrayCopyNonAtomic(ram.work, Transients.IDENTITY, buffer, at, Wire.HASH_LEN);
        at = Util.arrayCopyNonAtomic(card, CardState.SE_KEY, buffer, at, Wire.POINT_LEN);
        at = Util.arrayCopyNonAtomic(bank, BankSlot.ACCOUNT, buffer, at, Wire.ACCOUNT_ID_LEN);
        at = Util.arrayCopyNonAtomic(bank, BankSlot.SIGN_KEY, buffer, at, KEYS_LEN);
        return Util.arrayCopyNonAtomic(bank, BankSlot.NONCE, buffer, at,
            (short) (Wire.NONCE_LEN + Wire.LIMIT_LEN + Wire.EPOCH_LEN));
    }

    private void signX(byte type, short key, byte[] bank, short to) {
        Signing signing = element.signing;
        signing.begin(element.keys.get(key), type);
        signing.update(bank, BankSlot.TH, Wire.HASH_LEN);
        signing.update(ram.buffer, FIELDS, X_LEN);
        signing.sign(ram.buffer, to);
    }

    /**
     * AID GRANT (80 36, bank slot): message 4 [257]. Slot not KEYS SENT: 6985. The counter towards
     * the bank starts at 0.
     */
    short grant(byte slot, short len) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        if (bank[BankSlot.STATE] != Wire.ACCOUNT_KEYS_SENT) {
            return refuse();
        }
        short account = FIELDS;
        short expiry = (short) (account + Wire.ACCOUNT_ID_LEN);
        short limit = (short) (expiry + Wire.EPOCH_LEN);
        short certificate = (short) (limit + Wire.LIMIT_LEN);
        short sig = (short) (certificate + Wire.SIGNATURE_LEN);
        element.envelope.open(Wire.MSG_AID_GRANT, (short) (Keys.BANK_KEM + slot), bank,
            BankSlot.KEM_KEY, bank, BankSlot.TH, len, (short) (sig + Wire.SIGNATURE_LEN - BODY));
        if (!same(bank, BankSlot.ACCOUNT, account, Wire.ACCOUNT_ID_LEN)
            || !same(bank, BankSlot.EXPIRY, expiry, Wire.EPOCH_LEN)
            || !same(bank, BankSlot.LIMIT, limit, Wire.LIMIT_LEN)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Signing signing = element.signing;
        signing.begin(bank, BankSlot.SIGN, Wire.CERT_ACCOUNT);
        signing.update(bank, BankSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(bank, BankSlot.ACCOUNT, Wire.ACCOUNT_ID_LEN);
        signing.update(bank, BankSlot.SIGN_KEY, KEYS_LEN);
        signing.update(bank, BankSlot.LIMIT, (short) (Wire.LIMIT_LEN + Wire.EPOCH_LEN));
        signing.check(buffer, certificate);
        signing.begin(bank, BankSlot.SIGN, Wire.MSG_AID_GRANT);
        signing.update(bank, BankSlot.TH, Wire.HASH_LEN);
        signing.update(buffer, (short) 0, Wire.POINT_LEN);
        signing.update(buffer, account, (short) (sig - account));
        signing.check(buffer, sig);
        // What is stored takes the place of the signature: certificate || both keys || counter.
        element.envelope.exportKeys(Wire.KEY_AID_TO_BANK, sig);
        element.envelope.exportKeys(Wire.KEY_AID_TO_SE, (short) (sig + 2 * Wire.KEY_LEN));
        short end = (short) (sig + 4 * Wire.KEY_LEN);
        Util.arrayFillNonAtomic(buffer, end, Wire.COUNTER_LEN, (byte) 0);
        state.begin();
        bank[BankSlot.STATE] = Wire.ACCOUNT_GRANTED;
        state.write(buffer, certificate, bank, BankSlot.FIELDS, BankSlot.CERTIFICATE,
            (short) (end + Wire.COUNTER_LEN - certificate));
        state.commit();
        return 0;
    }

    private boolean same(byte[] bank, short off, short at, short len) {
        return Util.arrayCompare(bank, off, ram.buffer, at, len) == 0;
    }

    /**
     * AID CLOSE (80 38, bank slot, no data). Slot neither GRANTED nor CLOSED, or no counter left:
     * 6985. CLOSED: says so again. Answer: counter [4] || sealed [96].
     */
    short close(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        byte before = bank[BankSlot.STATE];
        if (before != Wire.ACCOUNT_GRANTED && before != Wire.ACCOUNT_CLOSED) {
            return refuse();
        }
        element.transcript.begin(PHASE_2, Wire.ROLE_BANK, bank, BankSlot.ID);
        short sig = Transcript.prefix(Wire.MSG_AID_CLOSE, buffer, Wire.COUNTER_LEN);
        Signing signing = element.signing;
        signing.begin(element.keys.get((short) (Keys.BANK_SIGN + slot)), Wire.MSG_AID_CLOSE);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(bank, BankSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(bank, BankSlot.ACCOUNT, Wire.ACCOUNT_ID_LEN);
        signing.sign(buffer, sig);
        short len = element.envelope.send(bank, BankSlot.SENT, BankSlot.TO_BANK, ram.work,
            Transients.TH, (short) (sig + Wire.SIGNATURE_LEN - Wire.COUNTER_LEN));
        state.begin();
        state.set(bank, BankSlot.STATE, Wire.ACCOUNT_CLOSED);
        Util.arrayCopy(ram.work, Transients.COUNTER, bank, BankSlot.SENT, Wire.COUNTER_LEN);
        state.commit();
        return len;
    }

    /** Puts a slot in a state, with the newest transcript. */
    private void setState(byte[] bank, byte to) {
        state.begin();
        state.set(bank, BankSlot.STATE, to);
        Util.arrayCopy(ram.work, Transients.TH, bank, BankSlot.TH, Wire.HASH_LEN);
        state.commit();
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
