#include "fixed_schedule.hpp"

VARIA_PLUGIN("good", "1.2.3") {
  registry.add<FixedSchedule>("fixed", "One value for ever (this test).");
}
