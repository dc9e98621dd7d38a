package tapbench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import checker.Checker;
import checker.Program;
import checker.Report;
import checker.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a card would refuse of the applet, and whether it fits: `make applet-report` prints it. */
class CheckerTest {
    private static Report report;
    private static Report contactless;

    @BeforeAll
    static void check() throws IOException {
        Program program = Program.read(Path.of("target", "classes"));
        report = Checker.check(program, Settings.read(Path.of("checker.properties")));
        contactless = Checker.check(program, Settings.read(Path.of("emv.properties")));
    }

    @Test
    void hasNothingThatACardRefusesAndIsWithinItsBudgets() {
        assertEquals(List.of(), report.findings(), report::text);
        assertEquals(List.of(), contactless.findings(), contactless::text);
    }

    /** The probe of AES-CMAC, which is reported and not used. */
    @Test
    void losesOneObjectAtInstallation() {
        assertEquals(1, report.lost().size(), report::text);
        assertEquals(0, contactless.lost().size(), contactless::text);
    }
}
