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

    @BeforeAll
    static void check() throws IOException {
        report = Checker.check(Program.read(Path.of("target", "classes")),
            Settings.read(Path.of("checker.properties")));
    }

    @Test
    void hasNothingThatACardRefusesAndIsWithinItsBudgets() {
        assertEquals(List.of(), report.findings(), report::text);
    }

    /** The probe of AES-CMAC, which is reported and not used. */
    @Test
    void losesOneObjectAtInstallation() {
        assertEquals(1, report.lost().size(), report::text);
    }
}
