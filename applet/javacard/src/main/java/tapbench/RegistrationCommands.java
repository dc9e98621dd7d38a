package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands of phase 3: a TSM account ID, from its registration to its end. */
final class RegistrationCommands {
    private static final byte PHASE_3 = 3;
    private static final short PREFIX_LEN = Wire.PREFIX_LEN;
    private static final short KEYS_LEN = (short) (2 * Wire.POINT_LEN);
    private static final short TERMS_LEN = (short) (Wire.LIMIT_LEN + Wire.EPOCH_LEN);
    private static final short CERTS_LEN = (short) (2 * Wire.CERTIFICATE_LEN);
    private static final byte OK = 1;

    static final short REGISTER_LEN = (short) (CERTS_LEN + 3 * Wire.NONCE_LEN);
    static final short REPLY_LEN = (short) (Wire.POINT_LEN + 80 + Wire.MAC_LEN);
    static final short BINFO_LEN = (short) (TERMS_LEN + Wire.HASH_LEN);
    static final short STATUS_LEN = (short) (Wire.COUNTER_LEN + 208 + Wire.MAC_LEN);

    private static final byte[] AUTH_OK = {OK};

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    RegistrationCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * TID REGISTER (80 50, TID slot, bank slot): CERT_TSM,sign [158] || CERT_TSM,kem [158] || n_T
     * [16] || n_B [16] || SID [16]. Bank slot not GRANTED, or TID slot ACTIVE: 6985. Starts the run
     * anew. Answer: message 1 [289].
     */
    short register(byte slot, byte bankSlot) {
        byte[] tid = state.tid(slot);
        byte[] buffer = ram.buffer;
        byte before = tid[TidSlot.STATE];
        if (state.bank(bankSlot)[BankSlot.STATE] != Wire.ACCOUNT_GRANTED
            || before == Wire.TID_ACTIVE) {
            return refuse();
        }
        element.certificates.checkParty(Wire.CERT_TSM_SIGN, Wire.CERT_TSMKEM, state.card,
            CardState.CA, buffer, (short) 0);
        // The public keys lie where the certificates' signatures were: the body is sealed in place.
        short second = Wire.CERTIFICATE_LEN;
        short sign = Certificates.SIGNATURE - 4;
        short kem = (short) (second + Certificates.SIGNATURE - 4);
        short enc = REGISTER_LEN;
        element.keys.make(Keys.FIRST, buffer, sign);
        element.keys.make(Keys.SECOND, buffer, kem);
        short len = registration(sign, kem, (short) (second + Certificates.KEY), enc);
        element.transcript.next(buffer, enc, len);
        state.begin();
        element.keys.take(Keys.FIRST, (short) (Keys.TID_SIGN + slot));
        element.keys.take(Keys.SECOND, (short) (Keys.TID_KEM + slot));
        state.set(tid, TidSlot.STATE, Wire.TID_REGISTERING);
        state.set(tid, TidSlot.BANK, bankSlot);
        state.set(buffer, Certificates.SUBJECT, tid, TidSlot.ID, Wire.PARTY_ID_LEN);
        state.set(buffer, Certificates.KEY, tid, TidSlot.SIGN, Wire.POINT_LEN);
        state.set(buffer, (short) (CERTS_LEN + 2 * Wire.NONCE_LEN), tid, TidSlot.SESSION,
            Wire.SESSION_ID_LEN);
        state.write(buffer, CERTS_LEN, tid, TidSlot.FIELDS, TidSlot.NONCE_TSM,
            (short) (2 * Wire.NONCE_LEN));
        Util.arrayCopy(buffer, sign, tid, TidSlot.SIGN_KEY, Wire.POINT_LEN);
        Util.arrayCopy(buffer, kem, tid, TidSlot.KEM_KEY, Wire.POINT_LEN);
        Util.arrayCopy(ram.work, Transients.TH, tid, TidSlot.TH, Wire.HASH_LEN);
        if (before != Wire.TID_EMPTY) {
            state.clear(tid, TidSlot.FIELDS, TidSlot.NONCE_SE,
                (short) (TidSlot.SIGN_KEY - TidSlot.NONCE_SE));
            state.clear(tid, TidSlot.FIELDS, TidSlot.TO_TSM,
                (short) (TidSlot.LEN - TidSlot.TO_TSM));
        }
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, enc, buffer, (short) 0, len);
    }

    /** Makes message 1 from the public keys at two places, and returns its length. */
    private short registration(short sign, short kem, short to, short enc) {
        byte[] buffer = ram.buffer;
        short body = (short) (enc + Wire.POINT_LEN);
        short keys = Transcript.prefix(Wire.MSG_TID_REGISTER, buffer, body);
        short end = Util.arrayCopyNonAtomic(buffer, sign, buffer, keys, Wire.POINT_LEN);
        end = Util.arrayCopyNonAtomic(buffer, kem, buffer, end, Wire.POINT_LEN);
        element.transcript.begin(PHASE_3, Wire.ROLE_TSM, buffer, Certificates.SUBJECT);
        element.transcript.identify(buffer, keys, KEYS_LEN);
        Signing signing = element.signing;
        signing.begin(element.keys.get(Keys.FIRST), Wire.MSG_TID_REGISTER);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
        signing.update(buffer, keys, KEYS_LEN);
        signing.update(buffer, CERTS_LEN, Wire.NONCE_LEN);
        signing.update(buffer, Certificates.SUBJECT, Wire.PARTY_ID_LEN);
        signing.sign(buffer, end);
        return element.envelope.seal(Wire.MSG_TID_REGISTER, buffer, to, enc,
            (short) (end + Wire.SIGNATURE_LEN - body));
    }

    /**
     * TID REPLY (80 52, TID slot): message 2 [161]. Slot not REGISTERING: 6985. Counters are 0 from
     * TID REGISTER.
     */
    short reply(byte slot, short len) {
        byte[] tid = state.tid(slot);
        byte[] buffer = ram.buffer;
        if (tid[TidSlot.STATE] != Wire.TID_REGISTERING) {
            return refuse();
        }
        element.transcript.next(tid, TidSlot.TH, buffer, (short) 0, len);
        element.envelope.open(Wire.MSG_TID_REPLY, (short) (Keys.TID_KEM + slot), tid,
            TidSlot.KEM_KEY, tid, TidSlot.TH, len, (short) (PREFIX_LEN + Wire.SIGNATURE_LEN));
        element.transcript.identify(tid, TidSlot.SIGN_KEY, KEYS_LEN);
        Signing signing = element.signing;
        signing.begin(tid, TidSlot.SIGN, Wire.MSG_TID_REPLY);
        signing.update(tid, TidSlot.TH, Wire.HASH_LEN);
        signing.update(buffer, (short) 0, Wire.POINT_LEN);
        signing.update(tid, TidSlot.SESSION, Wire.SESSION_ID_LEN);
        signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
        signing.update(tid, TidSlot.SIGN_KEY, KEYS_LEN);
        signing.update(tid, TidSlot.NONCE_TSM, (short) (2 * Wire.NONCE_LEN));
        signing.check(buffer, (short) (Wire.POINT_LEN + PREFIX_LEN));
        element.envelope.exportKeys(Wire.KEY_TID_TO_TSM, (short) 0);
        element.envelope.exportKeys(Wire.KEY_TID_TO_SE, (short) (2 * Wire.KEY_LEN));
        state.begin();
        tid[TidSlot.STATE] = Wire.TID_REPLIED;
        Util.arrayCopy(ram.work, Transients.TH, tid, TidSlot.TH, Wire.HASH_LEN);
        Util.arrayCopy(buffer, (short) 0, tid, TidSlot.TO_TSM, (short) (4 * Wire.KEY_LEN));
        state.commit();
        return 0;
    }

    /**
     * BINFO (80 54, TID slot): L [8] || expiry [4] || H(evidence) [32]. Slot not REPLIED, or the
     * bank slot that pays not GRANTED: 6985. Makes n_S and rho. Answer: the inner part [385].
     */
    short binfo(byte slot) {
        byte[] tid = state.tid(slot);
        byte[] bank = state.bank(tid[TidSlot.BANK]);
        byte[] buffer = ram.buffer;
        if (bank[BankSlot.STATE] != Wire.ACCOUNT_GRANTED
            || tid[TidSlot.STATE] != Wire.TID_REPLIED) {
            return refuse();
        }
        if (Persistent.isClear(buffer, (short) 0, Wire.LIMIT_LEN)
            || Unsigned.isBelow(bank, BankSlot.LIMIT, buffer, (short) 0, Wire.LIMIT_LEN)
            || Unsigned.isBelow(bank, BankSlot.EXPIRY, buffer, Wire.LIMIT_LEN,
                Wire.EPOCH_LEN)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        // Behind the answer lies what is stored: n_S || rho || L || expiry.
        short enc = BINFO_LEN;
        short run = (short) (Wire.BUFFER_LEN - TidSlot.SIGN_KEY + TidSlot.NONCE_SE);
        short rho = (short) (run + Wire.NONCE_LEN);
        element.random(buffer, run, Wire.NONCE_LEN);
        element.random(buffer, rho, Wire.HASH_LEN);
        Util.arrayCopyNonAtomic(buffer, (short) 0, buffer, (short) (rho + Wire.HASH_LEN),
            TERMS_LEN);
        short fields = Transcript.prefix(Wire.MSG_BINFO, buffer, (short) (enc + Wire.POINT_LEN));
        short at = funding(tid, bank, buffer, run, fields);
        at = Util.arrayCopyNonAtomic(buffer, TERMS_LEN, buffer, at, Wire.HASH_LEN);
        short covered = (short) (at - fields);
        at = Util.arrayCopyNonAtomic(bank, BankSlot.ACCOUNT, buffer, at, Wire.ACCOUNT_ID_LEN);
        at = Util.arrayCopyNonAtomic(bank, BankSlot.CERTIFICATE, buffer, at, Wire.SIGNATURE_LEN);
        element.transcript.begin(PHASE_3, Wire.ROLE_BANK, bank, BankSlot.ID);
        Signing signing = element.signing;
        signing.begin(element.keys.get((short) (Keys.BANK_SIGN + tid[TidSlot.BANK])),
            Wire.MSG_BINFO);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(buffer, fields, covered);
        signing.sign(buffer, at);
        short len = element.envelope.seal(Wire.MSG_BINFO, bank, BankSlot.KEM, enc,
            (short) (at + Wire.SIGNATURE_LEN - enc - Wire.POINT_LEN));
        state.begin();
        tid[TidSlot.STATE] = Wire.TID_BINFO_MADE;
        state.write(buffer, run, tid, TidSlot.FIELDS, TidSlot.NONCE_SE,
            (short) (TidSlot.SIGN_KEY - TidSlot.NONCE_SE));
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, enc, buffer, (short) 0, len);
    }

    /** Writes what bank and TSM must see alike; run is n_S || rho || L || expiry. */
    private short funding(byte[] tid, byte[] bank, byte[] run, short runOff, short to) {
        byte[] buffer = ram.buffer;
        short rho = (short) (runOff + Wire.NONCE_LEN);
        short at = Util.arrayCopyNonAtomic(tid, TidSlot.SESSION, buffer, to, Wire.SESSION_ID_LEN);
        at = Util.arrayCopyNonAtomic(tid, TidSlot.ID, buffer, at, Wire.PARTY_ID_LEN);
        at = Util.arrayCopyNonAtomic(bank, BankSlot.ID, buffer, at, Wire.PARTY_ID_LEN);
        at = Util.arrayCopyNonAtomic(tid, TidSlot.NONCE_BANK, buffer, at, Wire.NONCE_LEN);
        at = Util.arrayCopyNonAtomic(run, runOff, buffer, at, Wire.NONCE_LEN);
        element.transcript.commit(tid, run, rho, buffer, at);
        return Util.arrayCopyNonAtomic(run, (short) (rho + Wire.HASH_LEN), buffer,
            (short) (at + Wire.HASH_LEN), TERMS_LEN);
    }

    /**
     * TSMINFO (80 56, TID slot): H(BINFO) [32]. Slot not BINFO MADE: 6985. Answer: counter [4] ||
     * sealed [192].
     */
    short tsminfo(byte slot) {
        byte[] tid = state.tid(slot);
        byte[] bank = state.bank(tid[TidSlot.BANK]);
        byte[] buffer = ram.buffer;
        if (tid[TidSlot.STATE] != Wire.TID_BINFO_MADE) {
            return refuse();
        }
        short id = (short) (Wire.COUNTER_LEN + PREFIX_LEN);
        short nonce = (short) (id + Wire.PARTY_ID_LEN);
        short terms = (short) (nonce + Wire.NONCE_LEN);
        short rho = (short) (terms + TERMS_LEN);
        short hash = (short) (rho + Wire.HASH_LEN);
        short sig = (short) (hash + Wire.HASH_LEN);
        Util.arrayCopyNonAtomic(buffer, (short) 0, buffer, hash, Wire.HASH_LEN);
        Transcript.prefix(Wire.MSG_TSMINFO, buffer, Wire.COUNTER_LEN);
        Util.arrayCopyNonAtomic(bank, BankSlot.ID, buffer, id, Wire.PARTY_ID_LEN);
        Util.arrayCopyNonAtomic(tid, TidSlot.NONCE_SE, buffer, nonce, Wire.NONCE_LEN);
        Util.arrayCopyNonAtomic(tid, TidSlot.LIMIT, buffer, terms, TERMS_LEN);
        Util.arrayCopyNonAtomic(tid, TidSlot.RHO, buffer, rho, Wire.HASH_LEN);
        Signing signing = element.signing;
        signing.begin(element.keys.get((short) (Keys.TID_SIGN + slot)), Wire.MSG_TSMINFO);
        signing.update(tid, TidSlot.TH, Wire.HASH_LEN);
        signing.update(tid, TidSlot.SESSION, Wire.SESSION_ID_LEN);
        signing.update(tid, TidSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(buffer, id, Wire.PARTY_ID_LEN);
        signing.update(tid, TidSlot.NONCE_BANK, Wire.NONCE_LEN);
        signing.update(buffer, nonce, Wire.NONCE_LEN);
        signing.update(tid, TidSlot.NONCE_TSM, Wire.NONCE_LEN);
        signing.update(buffer, terms, (short) (sig - terms));
        signing.sign(buffer, sig);
        short len = element.envelope.send(tid, TidSlot.SENT, TidSlot.TO_TSM, tid, TidSlot.TH,
            (short) (sig + Wire.SIGNATURE_LEN - Wire.COUNTER_LEN));
        element.transcript.next(tid, TidSlot.TH, buffer, (short) 0, len);
        state.begin();
        tid[TidSlot.STATE] = Wire.TID_INFO_MADE;
        Util.arrayCopy(ram.work, Transients.TH, tid, TidSlot.TH, Wire.HASH_LEN);
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.SENT, Wire.COUNTER_LEN);
        state.commit();
        return len;
    }

    /** TID STATUS (80 58, TID slot): counter [4] || sealed [224]. Slot not INFO MADE: 6985. */
    short status(byte slot, short len) {
        byte[] tid = state.tid(slot);
        byte[] buffer = ram.buffer;
        if (tid[TidSlot.STATE] != Wire.TID_INFO_MADE) {
            return refuse();
        }
        short handle = (short) (Wire.COUNTER_LEN + PREFIX_LEN);
        short auth = (short) (handle + Wire.HANDLE_LEN);
        short hash = (short) (auth + Wire.SIGNATURE_LEN);
        short status = (short) (hash + Wire.HASH_LEN);
        short expiry = (short) (status + 1);
        short limit = (short) (expiry + Wire.EPOCH_LEN);
        short sig = (short) (limit + Wire.LIMIT_LEN);
        element.envelope.receive(Wire.MSG_TID_STATUS, tid, TidSlot.RECEIVED, TidSlot.TO_SE, tid,
            TidSlot.TH, len, (short) (sig + Wire.SIGNATURE_LEN - Wire.COUNTER_LEN));
        if (buffer[status] != OK
            || Util.arrayCompare(buffer, limit, tid, TidSlot.LIMIT, Wire.LIMIT_LEN) != 0
            || Util.arrayCompare(buffer, expiry, tid, TidSlot.EXPIRY, Wire.EPOCH_LEN) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Signing signing = element.signing;
        signing.begin(tid, TidSlot.SIGN, Wire.MSG_TID_STATUS);
        signing.update(tid, TidSlot.TH, Wire.HASH_LEN);
        signing.update(buffer, status, (short) (sig - status));
        signing.check(buffer, sig);
        checkAuth(tid, handle, auth, hash);
        state.begin();
        tid[TidSlot.STATE] = Wire.TID_ACTIVE;
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.RECEIVED, Wire.COUNTER_LEN);
        state.commit();
        return 0;
    }

    /** Checks AUTH by SK_B: the limit has moved into the TSM's escrow. */
    private void checkAuth(byte[] tid, short handle, short auth, short hash) {
        byte[] bank = state.bank(tid[TidSlot.BANK]);
        byte[] buffer = ram.buffer;
        byte[] work = ram.work;
        short commitment = (short) (Wire.BUFFER_LEN - Wire.HASH_LEN);
        short zeros = (short) (commitment - Wire.SIGNATURE_LEN);
        element.transcript.commit(tid, tid, TidSlot.RHO, buffer, commitment);
        Util.arrayFillNonAtomic(buffer, zeros, Wire.SIGNATURE_LEN, (byte) 0);
        element.transcript.begin(PHASE_3, Wire.ROLE_TSM, Wire.ROLE_BANK, bank, BankSlot.ID);
        Signing signing = element.signing;
        signing.begin(bank, BankSlot.SIGN, Wire.MSG_AUTH);
        signing.update(work, Transients.TH, Wire.HASH_LEN);
        signing.update(tid, TidSlot.SESSION, Wire.SESSION_ID_LEN);
        signing.update(buffer, handle, Wire.HANDLE_LEN);
        signing.update(buffer, commitment, Wire.HASH_LEN);
        signing.update(tid, TidSlot.LIMIT, TERMS_LEN);
        signing.update(AUTH_OK, (short) 0, (short) 1);
        signing.update(buffer, hash, Wire.HASH_LEN);
        signing.update(buffer, zeros, Wire.SIGNATURE_LEN); // in place of AUTH's own signature
        signing.check(buffer, auth);
    }

    /**
     * TID CLOSE (80 5A, TID slot, no data). Slot neither ACTIVE nor CLOSED, ACTIVE while something
     * is armed, or no counter left: 6985. Card slots of the account that are REQUESTED or READY and
     * token slots that aren't CLOSED are EMPTY; of these only the state is written. Answer: counter
     * [4] || sealed [96].
     */
    short close(byte slot) {
        byte[] tid = state.tid(slot);
        byte[] buffer = ram.buffer;
        byte before = tid[TidSlot.STATE];
        if (before != Wire.TID_CLOSED && (before != Wire.TID_ACTIVE
            || state.arming[Arming.STATE] != Wire.ARM_NONE)) {
            return refuse();
        }
        element.transcript.begin(PHASE_3, Wire.ROLE_TSM, tid, TidSlot.ID);
        element.transcript.identify(tid, TidSlot.SIGN_KEY, KEYS_LEN);
        short sig = Transcript.prefix(Wire.MSG_TID_CLOSE, buffer, Wire.COUNTER_LEN);
        Signing signing = element.signing;
        signing.begin(element.keys.get((short) (Keys.TID_SIGN + slot)), Wire.MSG_TID_CLOSE);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(tid, TidSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
        signing.sign(buffer, sig);
        short len = element.envelope.send(tid, TidSlot.SENT, TidSlot.TO_TSM, ram.work,
            Transients.TH, (short) (sig + Wire.SIGNATURE_LEN - Wire.COUNTER_LEN));
        state.begin();
        state.set(tid, TidSlot.STATE, Wire.TID_CLOSED);
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.SENT, Wire.COUNTER_LEN);
        dropCards(slot);
        dropTokens(slot);
        state.commit();
        return len;
    }

    private void dropCards(byte slot) {
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            byte[] card = state.card(i);
            if (card[CardSlot.TID] == slot && (card[CardSlot.STATE] == Wire.CARD_REQUESTED
                || card[CardSlot.STATE] == Wire.CARD_READY)) {
                card[CardSlot.STATE] = Wire.CARD_EMPTY;
            }
        }
    }

    private void dropTokens(byte slot) {
        for (short i = 0; i < Wire.TOKEN_SLOTS; i++) {
            byte[] token = state.token(i);
            byte is = token[TokenSlot.STATE];
            if (token[TokenSlot.TID] == slot && is != Wire.TOKEN_CLOSED && is != Wire.TOKEN_EMPTY) {
                token[TokenSlot.STATE] = Wire.TOKEN_EMPTY;
            }
        }
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
