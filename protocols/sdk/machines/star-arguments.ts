// What a STARBackend takes beside the arguments of the liquid handler, in its own words. Generated from the catalogue by
// tools/generate-machines.ts; do not edit.

import type { Json } from '../../../domain/json/json.js';

/** `aspirate`. */
export interface StarAspirate {
  readonly jet?: readonly boolean[];
  readonly blow_out?: readonly boolean[];
  readonly lld_search_height?: readonly number[];
  readonly clot_detection_height?: readonly number[];
  readonly pull_out_distance_transport_air?: readonly number[];
  readonly second_section_height?: readonly number[];
  readonly second_section_ratio?: readonly number[];
  readonly minimum_height?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly pre_wetting_volume?: readonly number[];
  readonly lld_mode?: readonly ('OFF' | 'GAMMA' | 'PRESSURE' | 'DUAL' | 'Z_TOUCH_OFF')[];
  readonly gamma_lld_sensitivity?: readonly number[];
  readonly dp_lld_sensitivity?: readonly number[];
  readonly aspirate_position_above_z_touch_off?: readonly number[];
  readonly detection_height_difference_for_dual_lld?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly mix_position_from_liquid_surface?: readonly number[];
  readonly mix_surface_following_distance?: readonly number[];
  readonly limit_curve_index?: readonly number[];
  readonly use_2nd_section_aspiration?: readonly boolean[];
  readonly retract_height_over_2nd_section_to_empty_tip?: readonly number[];
  readonly dispensation_speed_during_emptying_tip?: readonly number[];
  readonly dosing_drive_speed_during_2nd_section_search?: readonly number[];
  readonly z_drive_speed_during_2nd_section_search?: readonly number[];
  readonly cup_upper_edge?: readonly number[];
  readonly ratio_liquid_rise_to_tip_deep_in?: readonly number[];
  readonly immersion_depth_2nd_section?: readonly number[];
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly min_z_endpos?: number;
  readonly liquid_surface_no_lld?: readonly number[];
  readonly probe_liquid_height?: boolean;
  readonly auto_surface_following_distance?: boolean;
  readonly hamilton_liquid_classes?: readonly Json[];
  readonly disable_volume_correction?: readonly boolean[];
  readonly mix_volume?: readonly number[];
  readonly mix_cycles?: readonly number[];
  readonly mix_speed?: readonly number[];
  readonly immersion_depth_direction?: readonly number[];
  readonly liquid_surfaces_no_lld?: readonly number[];
}

/** `aspirate96`. */
export interface StarAspirate96 {
  readonly jet?: boolean;
  readonly blow_out?: boolean;
  readonly use_lld?: boolean;
  readonly pull_out_distance_transport_air?: number;
  readonly hlc?: Json;
  readonly aspiration_type?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly min_z_endpos?: number;
  readonly lld_search_height?: number;
  readonly minimum_height?: number;
  readonly second_section_height?: number;
  readonly second_section_ratio?: number;
  readonly immersion_depth?: number;
  readonly surface_following_distance?: number;
  readonly transport_air_volume?: number;
  readonly pre_wetting_volume?: number;
  readonly gamma_lld_sensitivity?: number;
  readonly swap_speed?: number;
  readonly settling_time?: number;
  readonly mix_position_from_liquid_surface?: number;
  readonly mix_surface_following_distance?: number;
  readonly limit_curve_index?: number;
  readonly disable_volume_correction?: boolean;
  readonly liquid_surface_sink_distance_at_the_end_of_aspiration?: number;
  readonly minimal_end_height?: number;
  readonly air_transport_retract_dist?: number;
  readonly maximum_immersion_depth?: number;
  readonly surface_following_distance_during_mix?: number;
  readonly tube_2nd_section_height_measured_from_zm?: number;
  readonly tube_2nd_section_ratio?: number;
  readonly immersion_depth_direction?: number;
  readonly mix_volume?: number;
  readonly mix_cycles?: number;
  readonly speed_of_mix?: number;
}

/** `discard_tips`. */
export interface StarDiscardTips {
  readonly drop_method?: 'PLACE_SHIFT' | 'DROP';
  readonly begin_tip_deposit_process?: number;
  readonly end_tip_deposit_process?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
}

/** `discard_tips96`. */
export interface StarDiscardTips96 {
  readonly minimum_height_command_end?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly experimental_alignment_tipspot_identifier?: string;
}

/** `dispense`. */
export interface StarDispense {
  readonly lld_search_height?: readonly number[];
  readonly liquid_surface_no_lld?: readonly number[];
  readonly pull_out_distance_transport_air?: readonly number[];
  readonly second_section_height?: readonly number[];
  readonly second_section_ratio?: readonly number[];
  readonly minimum_height?: readonly number[];
  readonly immersion_depth?: readonly number[];
  readonly surface_following_distance?: readonly number[];
  readonly cut_off_speed?: readonly number[];
  readonly stop_back_volume?: readonly number[];
  readonly transport_air_volume?: readonly number[];
  readonly lld_mode?: readonly ('OFF' | 'GAMMA' | 'PRESSURE' | 'DUAL' | 'Z_TOUCH_OFF')[];
  readonly dispense_position_above_z_touch_off?: readonly number[];
  readonly gamma_lld_sensitivity?: readonly number[];
  readonly dp_lld_sensitivity?: readonly number[];
  readonly swap_speed?: readonly number[];
  readonly settling_time?: readonly number[];
  readonly mix_position_from_liquid_surface?: readonly number[];
  readonly mix_surface_following_distance?: readonly number[];
  readonly limit_curve_index?: readonly number[];
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly min_z_endpos?: number;
  readonly side_touch_off_distance?: number;
  readonly jet?: readonly boolean[];
  readonly blow_out?: readonly boolean[];
  readonly empty?: readonly boolean[];
  readonly probe_liquid_height?: boolean;
  readonly auto_surface_following_distance?: boolean;
  readonly hamilton_liquid_classes?: readonly Json[];
  readonly disable_volume_correction?: readonly boolean[];
  readonly immersion_depth_direction?: readonly number[];
  readonly mix_volume?: readonly number[];
  readonly mix_cycles?: readonly number[];
  readonly mix_speed?: readonly number[];
  readonly dispensing_mode?: readonly number[];
}

/** `dispense96`. */
export interface StarDispense96 {
  readonly jet?: boolean;
  readonly empty?: boolean;
  readonly blow_out?: boolean;
  readonly hlc?: Json;
  readonly pull_out_distance_transport_air?: Json;
  readonly use_lld?: boolean;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly min_z_endpos?: number;
  readonly lld_search_height?: number;
  readonly minimum_height?: number;
  readonly second_section_height?: number;
  readonly second_section_ratio?: number;
  readonly immersion_depth?: number;
  readonly surface_following_distance?: number;
  readonly transport_air_volume?: number;
  readonly gamma_lld_sensitivity?: number;
  readonly swap_speed?: number;
  readonly settling_time?: number;
  readonly mix_position_from_liquid_surface?: number;
  readonly mix_surface_following_distance?: number;
  readonly limit_curve_index?: number;
  readonly cut_off_speed?: number;
  readonly stop_back_volume?: number;
  readonly disable_volume_correction?: boolean;
  readonly liquid_surface_sink_distance_at_the_end_of_dispense?: number;
  readonly maximum_immersion_depth?: number;
  readonly minimal_end_height?: number;
  readonly mixing_position_from_liquid_surface?: number;
  readonly surface_following_distance_during_mixing?: number;
  readonly air_transport_retract_dist?: Json;
  readonly tube_2nd_section_ratio?: number;
  readonly tube_2nd_section_height_measured_from_zm?: number;
  readonly immersion_depth_direction?: number;
  readonly mixing_volume?: number;
  readonly mixing_cycles?: number;
  readonly speed_of_mixing?: number;
  readonly dispense_mode?: number;
}

/** `drop_resource`. */
export interface StarDropResource {
  readonly use_arm?: 'iswap' | 'core';
  readonly return_core_gripper?: boolean;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_the_command_end?: number;
  readonly open_gripper_position?: number;
  readonly hotel_depth?: Json;
  readonly hotel_clearance_height?: Json;
  readonly hotel_high_speed?: Json;
  readonly use_unsafe_hotel?: boolean;
  readonly iswap_collision_control_level?: number;
  readonly iswap_fold_up_sequence_at_the_end_of_process?: boolean;
}

/** `drop_tips`. */
export interface StarDropTips {
  readonly drop_method?: 'PLACE_SHIFT' | 'DROP';
  readonly begin_tip_deposit_process?: number;
  readonly end_tip_deposit_process?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
}

/** `drop_tips96`. */
export interface StarDropTips96 {
  readonly minimum_height_command_end?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly experimental_alignment_tipspot_identifier?: string;
}

/** `move_picked_up_resource`. */
export interface StarMovePickedUpResource {
  readonly use_arm?: 'iswap' | 'core';
}

/** `pick_up_resource`. */
export interface StarPickUpResource {
  readonly use_arm?: 'iswap' | 'core';
  readonly core_front_channel?: number;
  readonly iswap_grip_strength?: number;
  readonly core_grip_strength?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_the_command_end?: number;
  readonly plate_width_tolerance?: number;
  readonly open_gripper_position?: number;
  readonly hotel_depth?: Json;
  readonly hotel_clearance_height?: Json;
  readonly high_speed?: Json;
  readonly plate_width?: number;
  readonly use_unsafe_hotel?: boolean;
  readonly iswap_collision_control_level?: number;
  readonly iswap_fold_up_sequence_at_the_end_of_process?: boolean;
  readonly channel_1?: number;
  readonly channel_2?: number;
}

/** `pick_up_tips`. */
export interface StarPickUpTips {
  readonly begin_tip_pick_up_process?: number;
  readonly end_tip_pick_up_process?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly pickup_method?: 'OUT_OF_RACK' | 'OUT_OF_WASH_LIQUID';
}

/** `pick_up_tips96`. */
export interface StarPickUpTips96 {
  readonly tip_pickup_method?: 'from_rack' | 'from_waste' | 'full_blowout';
  readonly minimum_height_command_end?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly experimental_alignment_tipspot_identifier?: string;
}

/** `return_tips`. */
export interface StarReturnTips {
  readonly drop_method?: 'PLACE_SHIFT' | 'DROP';
  readonly begin_tip_deposit_process?: number;
  readonly end_tip_deposit_process?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly z_position_at_end_of_a_command?: number;
}

/** `return_tips96`. */
export interface StarReturnTips96 {
  readonly minimum_height_command_end?: number;
  readonly minimum_traverse_height_at_beginning_of_a_command?: number;
  readonly experimental_alignment_tipspot_identifier?: string;
}
