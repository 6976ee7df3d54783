#include "fixed_schedule.hpp"

// A tag with other fields, as a later Varia may have.
#undef VARIA_ABI_TAG
#define VARIA_ABI_TAG VARIA_ABI_PREFIX "api=1000|torch=9.9.9|cuda=14"

VARIA_PLUGIN("wrong_everything", "1.0.0") {
  registry.add<FixedSchedule>("wrong_everything", "Never registered.");
}
