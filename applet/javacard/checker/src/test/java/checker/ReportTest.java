package checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program takes: found by installing it on a platform that only counts. */
class ReportTest {
    private static final String PURSE = "byte[] ram = JCSystem.makeTransientByteArray((short) 10,"
        + " JCSystem.CLEAR_ON_RESET); byte[] log = new byte[100]; short[] sums = new short[4];"
        + " Object[] slots = slots((short) 3); static Object[] slots(short n) {"
        + " Object[] all = new Object[n]; for (short i = 0; i < n; i++) { all[i] = new byte[7]; }"
        + " return all; } Object key = KeyBuilder.buildKey(KeyBuilder.TYPE_AES_TRANSIENT_RESET,"
        + " KeyBuilder.LENGTH_AES_128, false);";

    @TempDir
    Path folder;

    private Settings settings(String... lines) throws IOException {
        Path file = folder.resolve("settings.properties");
        Files.write(file, List.of(lines));
        return Settings.read(file);
    }

    private static Report.Use use(Report report, String what) {
        return report.uses().stream().filter(use -> use.what().equals(what)).findFirst()
            .orElseThrow();
    }

    @Test
    void refusesPropertiesThatNobodyKnows() {
        assertThrows(IOException.class, () -> settings("budget.room = 1"));
        assertThrows(IOException.class, () -> settings("budget.code = many"));
    }

    @Test
    void refusesAFolderWithoutClasses() {
        assertThrows(IOException.class, () -> Program.read(folder));
    }

    @Test
    void refusesAFileThatIsNoClass() throws IOException {
        Files.write(folder.resolve("A.class"), new byte[] {1, 2, 3});
        assertThrows(IOException.class, () -> Program.read(folder));
    }

    /** Whatever a file holds, the program says what it thinks of it, and ends by itself. */
    @Test
    void endsByItselfWhateverAFileHolds() throws IOException {
        byte[] good = Planted.bytes(PURSE);
        Path file = folder.resolve("Planted.class");
        Path settings = folder.resolve("settings.properties");
        Files.writeString(settings, "applets = planted.Planted");
        Files.write(file, good);
        assertEquals(0, Checker.run(folder.toString(), settings.toString()));
        Random random = new Random(1);
        Set<Integer> codes = new TreeSet<>();
        for (int i = 0; i < 200; i++) {
            byte[] bad = Arrays.copyOf(good, i % 5 == 0 ? random.nextInt(good.length) : good.length);
            for (int flips = random.nextInt(3); flips >= 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bad);
            codes.add(Checker.run(folder.toString(), settings.toString()));
        }
        assertEquals(Set.of(0, 1, 2), codes);
    }

    @Test
    void refusesNewClassFiles() {
        Program program = Planted.compile("public class Planted { }", "17");
        assertEquals("subset", Checker.check(program, Settings.none()).findings().get(0).rule());
    }

    @Test
    void saysWhichBudgetIsTooSmall() throws IOException {
        Report report = Checker.check(Planted.applet(PURSE),
            settings("applets = planted.Planted", "budget.transient = 25"));
        assertEquals(List.of("budget"), report.findings().stream().map(Finding::rule).toList());
        assertTrue(use(report, "transient").isOver());
        assertEquals(26, use(report, "transient").used());
    }

    @Test
    void saysWhyAnInstallationStops() throws IOException {
        Report report = Checker.check(Planted.applet("Planted() { ISOException.throwIt("
            + "(short) 1); }"), settings("applets = planted.Planted"));
        assertEquals("planted/Planted throws javacard.framework.ISOException",
            report.findings().get(0).text().split(" at ")[0]);
    }

    @Test
    void looksAtOnePackageAlone() throws IOException {
        Program program = Planted.applet("int n;");
        assertEquals("subset", Checker.check(program, settings("package = planted")).findings()
            .get(0).rule());
        assertThrows(IllegalArgumentException.class,
            () -> Checker.check(program, settings("package = plant")));
    }

    @Test
    void stopsAnInstallationThatDoesNotEnd() throws IOException {
        Report report = Checker.check(Planted.applet("Planted() { while (true) { } }"),
            settings("applets = planted.Planted"));
        assertTrue(report.findings().get(0).text().contains("doesn't end"), report::text);
    }

    @Test
    void stopsAnInstallationThatCallsItself() throws IOException {
        Report report = Checker.check(Planted.applet("Planted() { f(); } void f() { f(); }"),
            settings("applets = planted.Planted"));
        assertTrue(report.text().contains("the installation calls itself"), report::text);
    }

    @Test
    void countsWhatEachFieldHolds() throws IOException {
        Report report = Checker.check(Planted.applet(PURSE), settings("applets = planted.Planted",
            "feature.slots = Planted.slots", "feature.ram = Planted.ram Planted.key"));
        assertEquals(List.of(), report.findings());
        List<Report.Feature> features = report.features();
        assertEquals(new Report.Feature("ram", 0, 0, 26, 16), features.get(0));
        assertEquals(new Report.Feature("slots", 0, 2 * 3 + 3 * 7, 0, 4 * 8), features.get(1));
        assertEquals("other", features.get(2).name());
        assertEquals(2 * 5 + 100 + 8, features.get(2).persistent(), "five fields, two arrays");
    }

    @Test
    void goesTheWayOfAFailingPlatform() throws IOException {
        String probe = "Object f; Planted(byte a) { } Planted() { try { KeyAgreement g ="
            + " KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);"
            + " g.init(null); } catch (CryptoException e) { f = new byte[50]; } }";
        assertEquals(0, persistent(probe));
        assertEquals(50, persistent(probe, "failing = javacard.security.KeyAgreement.init"));
    }

    private int persistent(String members, String... more) throws IOException {
        String all = String.join("\n", more) + "\napplets = planted.Planted";
        Report report = Checker.check(Planted.applet(members), settings(all.split("\n")));
        assertEquals(List.of(), report.findings());
        return report.features().get(0).persistent() - 2 * (more.length);
    }

    @Test
    void namesWhatIsMadeAndNotHeld() throws IOException {
        Report report = Checker.check(Planted.applet("Planted() { new Object(); }"),
            settings("applets = planted.Planted"));
        assertEquals(1, report.lost().size());
        assertTrue(report.lost().get(0).startsWith("Object, made in planted.Planted:"));
    }

    @Test
    void countsAConstantArrayAsCode() {
        int without = use(Checker.check(Planted.applet(""), Settings.none()), "code").used();
        int with = use(Checker.check(Planted.applet("static final byte[] F = {1, 2, 3, 4};"),
            Settings.none()), "code").used();
        assertEquals(2 + 4 + 3 + 4, with - without, "field, reference, array with its length");
    }

    @Test
    void writesJsonThatHoldsWhatTheTextSays() throws IOException {
        Report report = Checker.check(Planted.applet("int n; Object s = \"\\\"\";" + PURSE),
            settings("applets = planted.Planted"));
        assertTrue(report.json().contains("{\"what\": \"transient\", \"used\": 26, \"budget\": null"),
            report::json);
        assertTrue(report.text().contains("subset: planted.Planted"), report::text);
    }
}
