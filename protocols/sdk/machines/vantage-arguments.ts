// What a VantageBackend takes beside the arguments of the liquid handler, in its own words. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { Json } from '../../../domain/json/json.js';

/** `aspirate`. */
export interface VantageAspirate {
  readonly jet?: readonly boolean[];
  readonly blow_out?: readonly boolean[];
  readonly hlcs?: readonly Json[];
  readonly type_of_aspiration?: readonly number[];
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
  readonly lld_search_height?: readonly number[];
  readonly clot_detection_height?: readonly number[];
  readonly liquid_surface_at_function_without_lld?: readonly number[];
  readonly pull_out_distance_to_take_transport_air_in_function_without_lld?: readonly number[];
  readonly tube_2nd_section_height_measured_from_zm?: readonly number[];
  readonly tube_2nd_section_ratio?: readonly number[];
  readonly minimum_height?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly pre_wetting_volume?: readonly number[];
  readonly lld_mode?: readonly number[];
  readonly lld_sensitivity?: readonly number[];
  readonly pressure_lld_sensitivity?: readonly number[];
  readonly aspirate_position_above_z_touch_off?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly mix_volume?: readonly number[];
  readonly mix_cycles?: readonly number[];
  readonly mix_position_in_z_direction_from_liquid_surface?: readonly number[];
  readonly mix_speed?: readonly number[];
  readonly surface_following_distance_during_mixing?: readonly number[];
  readonly TODO_DA_5?: readonly number[];
  readonly capacitive_mad_supervision_on_off?: readonly number[];
  readonly pressure_mad_supervision_on_off?: readonly number[];
  readonly tadm_algorithm_on_off?: number;
  readonly limit_curve_index?: readonly number[];
  readonly recording_mode?: number;
  readonly disable_volume_correction?: readonly boolean[];
}

/** `aspirate96`. */
export interface VantageAspirate96 {
  readonly jet?: boolean;
  readonly blow_out?: boolean;
  readonly hlc?: Json;
  readonly type_of_aspiration?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
  readonly pull_out_distance_to_take_transport_air_in_function_without_lld?: number;
  readonly tube_2nd_section_height_measured_from_zm?: number;
  readonly tube_2nd_section_ratio?: number;
  readonly immersion_depth?: number;
  readonly surface_following_distance?: number;
  readonly transport_air_volume?: number;
  readonly pre_wetting_volume?: number;
  readonly lld_mode?: number;
  readonly lld_sensitivity?: number;
  readonly swap_speed?: number;
  readonly settling_time?: number;
  readonly mix_volume?: number;
  readonly mix_cycles?: number;
  readonly mix_position_in_z_direction_from_liquid_surface?: number;
  readonly surface_following_distance_during_mixing?: number;
  readonly mix_speed?: number;
  readonly limit_curve_index?: number;
  readonly tadm_channel_pattern?: readonly boolean[];
  readonly tadm_algorithm_on_off?: number;
  readonly recording_mode?: number;
  readonly disable_volume_correction?: boolean;
}

/** `discard_tips`. */
export interface VantageDiscardTips {
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
}

/** `discard_tips96`. */
export interface VantageDiscardTips96 {
  readonly z_deposit_position?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
}

/** `dispense`. */
export interface VantageDispense {
  readonly jet?: readonly boolean[];
  readonly blow_out?: readonly boolean[];
  readonly empty?: readonly boolean[];
  readonly hlcs?: readonly Json[];
  readonly type_of_dispensing_mode?: readonly number[];
  readonly minimum_height?: readonly number[];
  readonly pull_out_distance_to_take_transport_air_in_function_without_lld?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly tube_2nd_section_height_measured_from_zm?: readonly number[];
  readonly tube_2nd_section_ratio?: readonly number[];
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
  readonly lld_search_height?: readonly number[];
  readonly cut_off_speed?: readonly number[];
  readonly stop_back_volume?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly lld_mode?: readonly number[];
  readonly side_touch_off_distance?: number;
  readonly dispense_position_above_z_touch_off?: readonly number[];
  readonly lld_sensitivity?: readonly number[];
  readonly pressure_lld_sensitivity?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly mix_volume?: readonly number[];
  readonly mix_cycles?: readonly number[];
  readonly mix_position_in_z_direction_from_liquid_surface?: readonly number[];
  readonly mix_speed?: readonly number[];
  readonly surface_following_distance_during_mixing?: readonly number[];
  readonly TODO_DD_2?: readonly number[];
  readonly tadm_algorithm_on_off?: number;
  readonly limit_curve_index?: readonly number[];
  readonly recording_mode?: number;
  readonly disable_volume_correction?: readonly boolean[];
}

/** `dispense96`. */
export interface VantageDispense96 {
  readonly jet?: boolean;
  readonly blow_out?: boolean;
  readonly empty?: boolean;
  readonly hlc?: Json;
  readonly type_of_dispensing_mode?: number;
  readonly tube_2nd_section_height_measured_from_zm?: number;
  readonly tube_2nd_section_ratio?: number;
  readonly pull_out_distance_to_take_transport_air_in_function_without_lld?: number;
  readonly immersion_depth?: number;
  readonly surface_following_distance?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
  readonly cut_off_speed?: number;
  readonly stop_back_volume?: number;
  readonly transport_air_volume?: number;
  readonly lld_mode?: number;
  readonly lld_sensitivity?: number;
  readonly side_touch_off_distance?: number;
  readonly swap_speed?: number;
  readonly settling_time?: number;
  readonly mix_volume?: number;
  readonly mix_cycles?: number;
  readonly mix_position_in_z_direction_from_liquid_surface?: number;
  readonly surface_following_distance_during_mixing?: number;
  readonly mix_speed?: number;
  readonly limit_curve_index?: number;
  readonly tadm_channel_pattern?: readonly boolean[];
  readonly tadm_algorithm_on_off?: number;
  readonly recording_mode?: number;
  readonly disable_volume_correction?: boolean;
}

/** `drop_resource`. */
export interface VantageDropResource {
  readonly z_clearance_height?: number;
  readonly press_on_distance?: number;
  readonly hotel_depth?: number;
  readonly minimal_height_at_command_end?: number;
}

/** `drop_tips`. */
export interface VantageDropTips {
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
}

/** `drop_tips96`. */
export interface VantageDropTips96 {
  readonly z_deposit_position?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
}

/** `pick_up_resource`. */
export interface VantagePickUpResource {
  readonly grip_strength?: number;
  readonly plate_width_tolerance?: number;
  readonly acceleration_index?: number;
  readonly z_clearance_height?: number;
  readonly hotel_depth?: number;
  readonly minimal_height_at_command_end?: number;
}

/** `pick_up_tips`. */
export interface VantagePickUpTips {
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
}

/** `pick_up_tips96`. */
export interface VantagePickUpTips96 {
  readonly tip_handling_method?: number;
  readonly z_deposit_position?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
}

/** `return_tips`. */
export interface VantageReturnTips {
  readonly minimal_traverse_height_at_begin_of_command?: readonly number[];
  readonly minimal_height_at_command_end?: readonly number[];
}

/** `return_tips96`. */
export interface VantageReturnTips96 {
  readonly z_deposit_position?: number;
  readonly minimal_traverse_height_at_begin_of_command?: number;
  readonly minimal_height_at_command_end?: number;
}
