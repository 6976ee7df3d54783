#include "fixed_schedule.hpp"

VARIA_PLUGIN("bad_name", "1.0.0") {
  registry.add<FixedSchedule>("Fixed Schedule", "Its name breaks the rules.");
}
