/** The operation group of what a vault protects: reads, Azure's own check, and the orders. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type * as models from './models';
import type { Paths } from './paths';
import type { ListOptions, Paged, Wire } from './wire';

/** Azure's first answer; undefined when there was none. The call was sent once, whatever came of it. */
type Submitted = Promise<PipelineResponse | undefined>;

export const backupInstances = (wire: Wire, paths: Paths) => ({
  list: (resourceGroup: string, vault: string, options?: ListOptions): Paged<models.BackupInstanceResource> =>
    wire.list([...paths.vault(resourceGroup, vault), 'backupInstances'], {}, options),
  get: (resourceGroup: string, vault: string, instance: string) =>
    wire.get<models.BackupInstanceResource>(paths.instance(resourceGroup, vault, instance)),
  validateForRestore: (
    resourceGroup: string,
    vault: string,
    instance: string,
    parameters: models.ValidateRestoreRequestObject,
  ): Submitted =>
    wire.submit([...paths.instance(resourceGroup, vault, instance), 'validateRestore'], parameters),
  triggerRestore: (
    resourceGroup: string,
    vault: string,
    instance: string,
    parameters: models.AzureBackupRestoreRequestUnion,
  ): Submitted => wire.submit([...paths.instance(resourceGroup, vault, instance), 'restore'], parameters),
  triggerRehydrate: (
    resourceGroup: string,
    vault: string,
    instance: string,
    parameters: models.AzureBackupRehydrationRequest,
  ): Submitted => wire.submit([...paths.instance(resourceGroup, vault, instance), 'rehydrate'], parameters),
  validateCrossRegionRestore: (
    resourceGroup: string,
    location: string,
    parameters: models.CrossRegionRestoreRequestObject,
  ): Submitted =>
    wire.submit([...paths.regionOfGroup(resourceGroup, location), 'validateCrossRegionRestore'], parameters),
  triggerCrossRegionRestore: (
    resourceGroup: string,
    location: string,
    parameters: models.CrossRegionRestoreRequestObject,
  ): Submitted =>
    wire.submit([...paths.regionOfGroup(resourceGroup, location), 'crossRegionRestore'], parameters),
});
