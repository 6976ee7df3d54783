#include "fixed_schedule.hpp"

#undef VARIA_ABI_API
#define VARIA_ABI_API "999"

VARIA_PLUGIN("wrong_api", "1.0.0") {
  registry.add<FixedSchedule>("wrong_api", "Never registered.");
}
