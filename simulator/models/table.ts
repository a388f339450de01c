import type { Model } from '../model.ts'
import { airQualityModel } from './air-quality.ts'
import { budgetRevenueModel, businessHouseholdModel, taxArrearsModel } from './budget.ts'
import { cameraModel } from './camera.ts'
import { citizenReportModel } from './citizen-report.ts'
import { clinicModel } from './clinic.ts'
import { documentModel } from './document.ts'
import { forestPostModel } from './forest-post.ts'
import { highCameraModel } from './high-camera.ts'
import { landFileModel, planningRequestModel } from './land.ts'
import { lodgingModel, lodgingRegistrationModel } from './lodging.ts'
import { machineModel, serviceModel } from './machine.ts'
import { notifiableDiseaseModel } from './notifiable-disease.ts'
import { oneStopModel } from './one-stop.ts'
import { documentExchangeModel, planningLookupModel, portalModel } from './online-services.ts'
import { schoolModel } from './school.ts'
import { sitePowerModel } from './site-power.ts'
import { socioEconomicModel } from './socio-economic.ts'
import { soilModel } from './soil.ts'
import { systemModel } from './system.ts'
import { trafficModel } from './traffic.ts'
import { violationModel } from './violation.ts'
import { reservoirModel, riverModel, waterQualityModel } from './water.ts'
import { rainGaugeModel, weatherModel } from './weather-stations.ts'

/** What is simulated. A new device type or case type is a model beside this file, and a line here. */
export const models: readonly Model[] = [
  systemModel,
  machineModel,
  serviceModel,
  sitePowerModel,
  cameraModel,
  highCameraModel,
  trafficModel,
  airQualityModel,
  weatherModel,
  rainGaugeModel,
  riverModel,
  reservoirModel,
  waterQualityModel,
  soilModel,
  forestPostModel,
  clinicModel,
  notifiableDiseaseModel,
  schoolModel,
  lodgingModel,
  budgetRevenueModel,
  taxArrearsModel,
  businessHouseholdModel,
  socioEconomicModel,
  planningLookupModel,
  documentExchangeModel,
  portalModel,
  oneStopModel,
  documentModel,
  citizenReportModel,
  landFileModel,
  lodgingRegistrationModel,
  violationModel,
  planningRequestModel,
]
