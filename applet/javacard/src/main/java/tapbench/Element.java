package tapbench;

import javacard.security.RandomData;

/**
 * The secure element behind its applications: its state and what it computes with, each made once,
 * when the management application is installed.
 */
final class Element {
    final Transients ram;
    final Persistent persistent;
    final Keys keys;
    final Algorithms algorithms;
    final Transcript transcript;
    final Signing signing;
    final SecureMessaging channel;
    final Envelope envelope;
    final Certificates certificates;
    final Hmac hmac;
    final Chain chain;

    private final RandomData random;

    @SuppressWarnings("deprecation") // no card lacks this one; what follows it, many do
    Element() {
        ram = new Transients();
        persistent = new Persistent();
        keys = new Keys();
        algorithms = new Algorithms(keys.get(Keys.EPHEMERAL), ram);
        transcript = new Transcript(algorithms.sha256, ram);
        signing = new Signing(algorithms.ecdsa, keys.signer, ram);
        channel = new SecureMessaging(algorithms.block, algorithms.cbc, ram);
        hmac = new Hmac(algorithms.sha256, ram);
        envelope = new Envelope(new Hpke(hmac, algorithms.ecdh, ram), channel, keys, ram);
        chain = new Chain(algorithms.sha256, hmac, ram);
        certificates = new Certificates(signing);
        random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    }

    /** Writes random bytes. */
    @SuppressWarnings("deprecation") // as above
    void random(byte[] out, short off, short len) {
        random.generateData(out, off, len);
    }

    /** Ends arming and tap. */
    void endTap() {
        persistent.begin();
        persistent.disarm();
        persistent.commit();
        ram.endTap();
    }
}
